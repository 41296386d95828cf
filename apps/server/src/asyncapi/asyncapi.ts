// The AsyncAPI 3 document: what the server tells without being asked, made from the contract and from nothing else.
// It is checked in as docs/api/asyncapi.json and served as it is.
import { ANNOUNCEMENTS, announcementOf, type Topic } from '@muster/contract'
import { z } from 'zod'
import type { JsonSchema } from '../openapi/schemas.ts'

// AsyncAPI reads payloads as a superset of this draft unless another format is named.
const payloadOf = (topic: Topic): JsonSchema => {
  const { $schema: _schema, ...payload } = z.toJSONSchema(announcementOf(topic), { target: 'draft-07' })
  return payload
}

/** Every topic of the contract; `version` is that of the program. */
export const asyncApiDocument = (version: string): JsonSchema => {
  const topics = Object.keys(ANNOUNCEMENTS).toSorted() as Topic[]
  const forEach = (make: (topic: Topic) => JsonSchema) =>
    Object.fromEntries(topics.map((topic) => [topic, make(topic)]))
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Muster',
      version,
      description: 'What is told of a fleet, in the order in which it was committed.',
    },
    defaultContentType: 'application/json',
    channels: forEach((topic) => ({
      address: topic,
      summary: ANNOUNCEMENTS[topic].summary,
      messages: { [topic]: { $ref: `#/components/messages/${topic}` } },
    })),
    operations: forEach((topic) => ({ action: 'send', channel: { $ref: `#/channels/${topic}` } })),
    components: {
      messages: forEach((topic) => ({ name: topic, summary: ANNOUNCEMENTS[topic].summary, payload: payloadOf(topic) })),
    },
  }
}
