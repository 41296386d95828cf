// The units that run beside the database: what the writer's thread loads.
// What each does is its room's.

export { createObserveUnits as createUnits } from '@muster/observe'
