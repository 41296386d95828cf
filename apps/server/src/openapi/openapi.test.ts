// Proof that the checked-in document is the contract's, and that it documents every route and every refusal.
// That a running server answers what is documented is tested in fleet.test.ts.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  fleetRoutes,
  REFUSALS,
  type RefusalCode,
  type Route,
  refusalsOf,
  sensorRoutes,
  telemetryRoutes,
  telemetrySpelling,
} from '@muster/contract'
import { openApiDocument } from './openapi.ts'
import { openApiFile, openApiText } from './text.ts'

const root = join(import.meta.dirname, '..', '..', '..', '..')

interface Operation {
  readonly operationId: string
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[]
  readonly responses: Readonly<Record<string, unknown>>
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> }
}
const document = openApiDocument('0') as unknown as Document
const routes = Object.entries({ ...fleetRoutes, ...sensorRoutes, ...telemetryRoutes } as Record<string, Route>)

test('the checked-in document is what the contract says now (npm run generate)', () =>
  assert.equal(readFileSync(join(root, openApiFile), 'utf8'), openApiText()))

const statusOf =
  ({ dialect }: Route) =>
  (code: RefusalCode): number =>
    dialect === 'telemetry' ? telemetrySpelling(code).status : REFUSALS[code].status

test('every route is documented under its name with every status it can answer, and nothing else is', () => {
  const said = Object.values(document.paths).flatMap((methods) => Object.values(methods))
  assert.deepEqual(said.map(({ operationId }) => operationId).toSorted(), routes.map(([name]) => name).toSorted())
  for (const [name, route] of routes) {
    const statuses = new Set([route.status, ...(route.otherStatuses ?? []), ...refusalsOf(route).map(statusOf(route))])
    const operation = document.paths[route.path]?.[route.method.toLowerCase()]
    assert.deepEqual(Object.keys(operation?.responses ?? {}).toSorted(), [...statuses].map(String).toSorted(), name)
  }
})

test('path parameters and preconditions are documented as required', () => {
  const change = document.paths['/api/fleet/v1/devices/{id}']?.['patch'] as Operation
  const required = change.parameters.filter((parameter) => parameter.required).map(({ name }) => name)
  assert.deepEqual(required, ['id', 'If-Match'])
})

test('every reference leads somewhere', () => {
  const references = JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)
  const missing = [...references].map(([, name]) => name ?? '').filter((name) => !(name in document.components.schemas))
  assert.deepEqual(missing, [])
})
