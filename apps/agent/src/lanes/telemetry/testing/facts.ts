// A machine whose facts are always at hand, for tests of what is done with them.
// That a real machine has facts is tested in facts.
import type { Collector } from '../facts/collect.ts'

export const collectAtOnce: Collector = async () => ({
  facts: {
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
    process_count: null,
  },
  errors: [{ fact: 'process_count', code: 'permission_denied' }],
})
