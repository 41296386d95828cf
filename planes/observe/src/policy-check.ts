// A door for programs that only check policy documents, such as `muster policy validate FILE`; it opens no database.
// Everything else of the plane is behind observe.ts.
export { checkPolicy, type PolicyCheck } from './policy/check.ts'
