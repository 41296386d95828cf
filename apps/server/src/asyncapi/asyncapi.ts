// The AsyncAPI 3 document: what the server tells without being asked, made from the contract and from nothing else.
// It is checked in as docs/api/asyncapi.json and served as it is.
import { type Entry, OUTBOX_ENTRIES } from '@muster/contract'
import { z } from 'zod'
import type { JsonSchema } from '../openapi/schemas.ts'

// AsyncAPI reads payloads as a superset of this draft unless another format is named.
const payloadOf = ({ schema }: Entry): JsonSchema => {
  const { $schema: _schema, ...payload } = z.toJSONSchema(schema, { target: 'draft-07' })
  return payload
}

/** Every topic of the contract; `version` is that of the program. */
export const asyncApiDocument = (version: string): JsonSchema => {
  const entries = Object.entries(OUTBOX_ENTRIES).toSorted(([left], [right]) => (left < right ? -1 : 1))
  const forEach = (make: (topic: string, entry: Entry) => JsonSchema) =>
    Object.fromEntries(entries.map(([topic, entry]) => [topic, make(topic, entry)]))
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Muster',
      version,
      description: 'What is told of a fleet, in the order in which it was committed.',
    },
    defaultContentType: 'application/json',
    channels: forEach((topic, { summary }) => ({
      address: topic,
      summary,
      messages: { [topic]: { $ref: `#/components/messages/${topic}` } },
    })),
    operations: forEach((topic) => ({ action: 'send', channel: { $ref: `#/channels/${topic}` } })),
    components: {
      messages: forEach((topic, entry) => ({ name: topic, summary: entry.summary, payload: payloadOf(entry) })),
    },
  }
}
