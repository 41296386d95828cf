// The door of the agent: what tests and benchmarks drive without starting a process.
// The program is main.ts.
export { type AgentConfiguration, readConfiguration } from './configuration/configuration.ts'
export { type Machine, readMachine } from './configuration/machine.ts'
export { describeHost, type HostDescription } from './lanes/observe/host.ts'
export { type LaneNeeds, runObserveLane } from './lanes/observe/lane.ts'
export { PACKAGED_HOMES, packagedServices } from './service/packaged.ts'
