// A second door, for programs on devices: what sensors say, and nothing of what operators do.
// An agent that idles for weeks should not hold the whole fleet API in memory.
export * from './default-lists.ts'
export * from './error-body.ts'
export * from './ids.ts'
export {
  decodePayload,
  encodePayload,
  type FindingEvidence,
  type Payload,
  type PayloadItem,
  type ReportedFinding,
} from './payload.ts'
export * from './refusals.ts'
export * from './route.ts'
export * from './rules/built-in.ts'
export * from './rules/rule.ts'
export * from './rules/vocabulary.ts'
export * from './sensor.ts'
export * from './severity.ts'
export * from './surfaces.ts'
export * from './telemetry/agent-routes.ts'
export * from './telemetry/error-body.ts'
export * from './telemetry/exchange.ts'
export * from './telemetry/heartbeat.ts'
export * from './telemetry/shapes.ts'
