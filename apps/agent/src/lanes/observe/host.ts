// The host as this agent introduces it to a server (sensor-agent 12.5).
// What is on the host is the collectors' business.
import type { Machine } from '../../configuration/machine.ts'
import { agentVersion } from '../../program/version.ts'

export interface HostDescription {
  readonly hostname: string
  readonly osVersion: string
  readonly hardwareModel: string
  /** Product and version: servers read from it what this agent can do (sensor-protocol 18.4). */
  readonly sensorVersion: string
}

export const describeHost = ({ host, osVersion, hardwareModel }: Machine): HostDescription => ({
  hostname: host,
  osVersion,
  hardwareModel,
  sensorVersion: `muster-agent/${agentVersion}`,
})
