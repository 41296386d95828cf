// The OpenAPI 3.1 document, made from the contract and from nothing else.
// It is checked in as docs/api/openapi.json and served as it is.
import {
  ErrorBody,
  fleetPrefix,
  fleetRoutes,
  REFUSALS,
  type RefusalCode,
  ROLES,
  type Route,
  refusalsOf,
  roleMay,
  sensorRoutes,
  TelemetryErrorBody,
  takesIdempotencyKey,
  telemetryRoutes,
  telemetrySpelling,
} from '@muster/contract'
import type { z } from 'zod'
import { collectSchemas, type JsonSchema, type Schemas } from './schemas.ts'

const jsonType = 'application/json'
const contentTypes: Record<Route['replyForm'], string> = {
  json: jsonType,
  ndjson: 'application/x-ndjson',
}

const contentOf = (route: Route, schemas: Schemas): JsonSchema => ({
  [contentTypes[route.replyForm]]: { schema: schemas.of(route.reply) },
  ...(route.csv === undefined
    ? {}
    : { 'text/csv': { schema: { type: 'string', description: `Columns: ${route.csv.columns.join(', ')}.` } } }),
})

const security: Record<Route['speaker'], readonly JsonSchema[]> = {
  anyone: [],
  enrollee: [],
  device: [{ deviceCertificate: [] }, { sensorToken: [] }],
  agent: [{ serviceAccountToken: [] }],
  operator: [{ operatorToken: [] }],
}

const headerParameter = (name: string, isRequired: boolean, description: string): JsonSchema => ({
  name,
  in: 'header',
  required: isRequired,
  description,
  schema: { type: 'string' },
})

const parametersIn = (place: 'path' | 'query', schema: z.ZodType | undefined, schemas: Schemas): JsonSchema[] => {
  if (schema === undefined) return []
  const shape = schemas.of(schema)
  const resolved =
    typeof shape['$ref'] === 'string' ? (schemas.components[shape['$ref'].split('/').at(-1) ?? ''] ?? {}) : shape
  const required = (resolved['required'] ?? []) as readonly string[]
  return Object.entries((resolved['properties'] ?? {}) as Record<string, JsonSchema>).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }))
}

const parametersOf = (route: Route, schemas: Schemas): JsonSchema[] => {
  const key = headerParameter(
    'Idempotency-Key',
    false,
    'Names this request for a day: the same key again has one effect.',
  )
  const version = headerParameter('If-Match', true, 'The version of the object that was read.')
  return [
    ...parametersIn('path', route.params, schemas),
    ...parametersIn('query', route.query, schemas),
    ...(takesIdempotencyKey(route) ? [key] : []),
    ...(route.precondition === 'if-match' ? [version] : []),
  ]
}

const errorBodies: Record<Route['dialect'], z.ZodType> = { house: ErrorBody, telemetry: TelemetryErrorBody }

const spellingOf = ({ dialect }: Route, code: RefusalCode) =>
  dialect === 'telemetry' ? telemetrySpelling(code) : { code, status: REFUSALS[code].status }

const refusalResponses = (route: Route, schemas: Schemas): Record<string, JsonSchema> => {
  const spelled = refusalsOf(route).map((code) => ({ ...spellingOf(route, code), sentence: REFUSALS[code].sentence }))
  const byStatus = Map.groupBy(spelled, ({ status }) => status)
  return Object.fromEntries(
    [...byStatus].map(([status, said]) => [
      String(status),
      {
        description: said.map(({ code, sentence }) => `\`${code}\`: ${sentence}`).join(' '),
        content: { [jsonType]: { schema: schemas.of(errorBodies[route.dialect]) } },
      },
    ]),
  )
}

const describe = (route: Route): string => {
  if (route.may === undefined) return route.summary
  const { may } = route
  return `${route.summary} For ${ROLES.filter((role) => roleMay(role, may)).join(', ')}.`
}

const tagOf = ({ path, dialect }: Route): string => {
  if (dialect === 'telemetry') return 'telemetry'
  return path.startsWith(fleetPrefix) ? (/^\/([a-z-]+)/.exec(path.slice(fleetPrefix.length))?.[1] ?? 'fleet') : 'sensor'
}

const operationOf = (name: string, route: Route, schemas: Schemas): JsonSchema => ({
  operationId: name,
  tags: [tagOf(route)],
  summary: describe(route),
  security: security[route.speaker],
  parameters: parametersOf(route, schemas),
  ...(route.body === undefined
    ? {}
    : { requestBody: { required: true, content: { [jsonType]: { schema: schemas.of(route.body) } } } }),
  responses: {
    ...Object.fromEntries(
      [route.status, ...(route.otherStatuses ?? [])].map((status) => [
        String(status),
        { description: 'Done.', content: contentOf(route, schemas) },
      ]),
    ),
    ...refusalResponses(route, schemas),
  },
})

/** Every route of the contract; `version` is that of the program. */
export const openApiDocument = (version: string): JsonSchema => {
  const routes = Object.entries({ ...fleetRoutes, ...sensorRoutes, ...telemetryRoutes } as Record<string, Route>)
  const schemas = collectSchemas(routes.map(([, route]) => route))
  const paths: Record<string, Record<string, JsonSchema>> = {}
  for (const [name, route] of routes) {
    const methods = (paths[route.path] ??= {})
    methods[route.method.toLowerCase()] = operationOf(name, route, schemas)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Muster',
      version,
      description:
        'The fleet API for operators, the telemetry facade beside it, and the routes of sensors and agents at the gateway.',
    },
    paths,
    components: {
      schemas: schemas.components,
      securitySchemes: {
        operatorToken: { type: 'http', scheme: 'bearer' },
        deviceCertificate: { type: 'mutualTLS' },
        serviceAccountToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        sensorToken: { type: 'apiKey', in: 'header', name: 'X-Koban-Sensor-Token' },
      },
    },
  }
}
