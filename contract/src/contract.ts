// The door of the contract: everything that can be said, as data.
// No I/O happens here; listeners, callers and documentation are made from these values.
export { canonicalJson } from './canonical-json.ts'
export * from './csv.ts'
export * from './default-lists.ts'
export * from './error-body.ts'
export * from './fleet/audit.ts'
export * from './fleet/devices.ts'
export * from './fleet/enrollment-tokens.ts'
export * from './fleet/findings.ts'
export * from './fleet/fleet.ts'
export * from './fleet/groups.ts'
export * from './fleet/inventory.ts'
export * from './fleet/operators.ts'
export * from './fleet/policies.ts'
export * from './fleet/retention.ts'
export * from './fleet/settings.ts'
export * from './fleet/shapes.ts'
export * from './fleet/status.ts'
export * from './ids.ts'
export { parseInstantMs } from './instant.ts'
export {
  decodePayload,
  encodePayload,
  type FindingEvidence,
  type Payload,
  type PayloadItem,
  type ReportedFinding,
} from './payload.ts'
export * from './refusals.ts'
export * from './roles.ts'
export * from './route.ts'
export * from './rules/built-in.ts'
export * from './rules/rule.ts'
export * from './rules/vocabulary.ts'
export * from './sensor.ts'
export * from './severity.ts'
export * from './surfaces.ts'
