// The heartbeat of telemetry 10.2, whose digest is published, and others like it.
// What may be said besides is heartbeat.ts.
import { randomUUID } from 'node:crypto'

export const exampleHeartbeat = {
  heartbeat_id: '0f8b7f6e-2c55-4a3e-9b1a-3d5a6b7c8d9e',
  observed_at: '2026-06-02T12:00:00.000Z',
  agent_version: '0.1.0',
  hostname: 'build-07',
  os_family: 'linux',
  os_version: 'Ubuntu 24.04.2 LTS',
  uptime_seconds: 86_400,
  cpu_count: 8,
  cpu_usage_percent: 12.5,
  memory_total_bytes: 16_777_216_000,
  memory_used_bytes: 6_442_450_944,
  disks: [{ mount: '/', total_bytes: 512_110_190_592, used_bytes: 201_863_462_912 }],
  network_interfaces: [
    { name: 'eth0', mac_address: '02:42:ac:11:00:02', ip_addresses: ['10.0.0.7', 'fe80::42:acff:fe11:2'] },
  ],
  process_count: 231,
} as const

/** The example with an id of its own, observed at that moment; `more` wins over everything. */
export const heartbeatAt = (atMs: number, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  ...exampleHeartbeat,
  heartbeat_id: randomUUID(),
  observed_at: new Date(atMs).toISOString(),
  ...more,
})
