// The door of the kernel: the small words every room shares.
// The list is frozen: a word needs three rooms that use it before it may enter.
export { type BackoffRule, backoffMs } from './backoff.ts'
export { type Clock, createFakeClock, systemClock, toIso } from './clock.ts'
export { equalInConstantTime, sha256Bytes, sha256Hex } from './digest.ts'
export { newBearer, newId } from './id.ts'
export { createLog, type Log, type LogFields, type LogSettings, silentLog } from './log.ts'
export { cutPage, type Page, type PageQuery, readPage, toCursor } from './page.ts'
export { type FieldFault, type Ok, ok, type Refusal, type Refused, type Result, refuse } from './result.ts'
export { Secret } from './secret.ts'
export {
  type Rendered,
  renderTemplate,
  resolveVariables,
  type TemplateMachine,
  type TemplateWorld,
} from './template.ts'
