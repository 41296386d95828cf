// A second door, for programs on devices: what sensors say, and nothing of what operators do.
// An agent that idles for weeks should not hold the whole fleet API in memory.
export * from './error-body.ts'
export * from './ids.ts'
export * from './inventory.ts'
export * from './refusals.ts'
export * from './route.ts'
export * from './sensor.ts'
export * from './telemetry/agent-routes.ts'
export * from './telemetry/ceiling.ts'
export * from './telemetry/error-body.ts'
export * from './telemetry/exchange.ts'
export * from './telemetry/heartbeat.ts'
export * from './telemetry/shapes.ts'
