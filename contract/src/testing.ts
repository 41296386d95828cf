// The door that only tests and the bench open: what an agent says, for whoever needs something to say.
// The product itself never imports it.
export { exampleHeartbeat, heartbeatAt } from './telemetry/heartbeat.fixture.ts'
