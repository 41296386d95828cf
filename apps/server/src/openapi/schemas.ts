// The schemas of the contract as JSON Schema: each named one once, the others where they are used.
// Routes and responses are openapi.ts.

import type { Route } from '@muster/contract'
import * as contract from '@muster/contract'
import { z } from 'zod'

export type JsonSchema = Readonly<Record<string, unknown>>

export interface Schemas {
  readonly components: Readonly<Record<string, JsonSchema>>
  /** The schema of one part of a route; a named one is a reference. */
  of(schema: z.ZodType): JsonSchema
}

/** Exports of the contract that are schemas; their export names are their names in the document. */
const namedSchemas = (): ReadonlyMap<z.ZodType, string> =>
  new Map(
    Object.entries(contract).flatMap(([name, value]) =>
      value instanceof z.ZodType && /^[A-Z]/.test(name) ? [[value, name] as const] : [],
    ),
  )

const withoutIds = (schema: Readonly<Record<string, unknown>>): JsonSchema => {
  const { $schema: _schema, $id: _id, id: _name, ...rest } = schema
  return rest
}

/** `reference` says where a named schema lies in the document that is made. */
export const collectSchemas = (
  routes: readonly Route[],
  reference = (name: string): string => `#/components/schemas/${name}`,
): Schemas => {
  const names = namedSchemas()
  const registry = z.registry<{ id: string }>()
  for (const [schema, name] of names) registry.add(schema, { id: name })
  const ids = new Map<z.ZodType, string>(names)
  const parts = routes.flatMap(({ params, query, body, reply }) => [params, query, body, reply])
  for (const part of parts) {
    if (part === undefined || ids.has(part)) continue
    ids.set(part, `part-${ids.size}`)
    registry.add(part, { id: ids.get(part) ?? '' })
  }
  const { schemas } = z.toJSONSchema(registry, { uri: reference, unrepresentable: 'any' })
  const all = new Map(Object.entries(schemas).map(([id, schema]) => [id, withoutIds({ ...schema })]))
  const named = [...names.values()].toSorted()
  return {
    components: Object.fromEntries(named.map((name) => [name, all.get(name) ?? {}])),
    of(schema) {
      const name = names.get(schema)
      return name === undefined ? (all.get(ids.get(schema) ?? '') ?? {}) : { $ref: reference(name) }
    },
  }
}
