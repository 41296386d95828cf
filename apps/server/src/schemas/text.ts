// Everything that is said over HTTP as one JSON Schema document, for whoever checks or generates from it.
// The schemas are the contract's; how routes use them is the OpenAPI document.
import { fleetRoutes, sensorRoutes } from '@muster/contract'
import { collectSchemas } from '../openapi/schemas.ts'

/** Where it is checked in, from the root of the checkout. */
export const schemasFile = 'docs/api/schemas.json'

export const schemasText = (): string => {
  const routes = [...Object.values(fleetRoutes), ...Object.values(sensorRoutes)]
  const { components } = collectSchemas(routes, (name) => `#/$defs/${name}`)
  const document = { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Muster', $defs: components }
  return `${JSON.stringify(document, null, 2)}\n`
}
