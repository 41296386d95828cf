// What an invented agent says at a beat: the published example, with measures that differ from beat to beat.
// Who says it, and how it is sent, is said elsewhere.
import { randomUUID } from 'node:crypto'
import { heartbeatAt } from '@muster/contract/testing'

let made = 0
/** So many differ before measures repeat: a machine's memory and disk have an end. */
const differing = 1_000_000

export const inventHeartbeat = (atMs: number, heartbeatId: string = randomUUID()): string => {
  made += 1
  return JSON.stringify(
    heartbeatAt(atMs, {
      heartbeat_id: heartbeatId,
      uptime_seconds: made,
      cpu_usage_percent: (made % 1000) / 10,
      memory_used_bytes: 6_442_450_944 + (made % differing) * 4096,
      disks: [{ mount: '/', total_bytes: 512_110_190_592, used_bytes: 201_863_462_912 + (made % differing) * 512 }],
      process_count: 200 + (made % 64),
    }),
  )
}
