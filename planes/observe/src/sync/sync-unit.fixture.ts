// The plane's units alone, for tests that load them beside a database of their own.
// The server's own module brings them together with other rooms' units.
export { createObserveUnits as createUnits } from '../units.ts'
