// The door to what the dashboard says about policy documents, for tests that hold it against the server's own check.
// Everything else of the dashboard is behind web.ts.
export { firstDocument } from './pages/policy/decide.ts'
export { policySchema, type Shape } from './pages/policy/schema.ts'
