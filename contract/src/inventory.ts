// A third door: what sensors find and how they spell it, without the sentences in which they tell it.
// A program that scans before it speaks makes the schemas of those only then.
export * from './default-lists.ts'
export {
  decodePayload,
  encodePayload,
  type FindingEvidence,
  type Payload,
  type PayloadItem,
  type ReportedFinding,
} from './payload.ts'
export * from './rules/built-in.ts'
export * from './rules/evidence.ts'
export type { RuledItem } from './rules/fields.ts'
export * from './rules/rule.ts'
export * from './rules/vocabulary.ts'
export * from './severity.ts'
export * from './surfaces.ts'
