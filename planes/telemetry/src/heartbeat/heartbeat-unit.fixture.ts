// The unit module that tests of heartbeats load: the plane's own.
// The server has one for all planes.
export { createTelemetryUnits as createUnits } from '../units.ts'
