// Proof that figures come out as they went in, under bounded labels.
// That requests are measured at all is tested with a server in raw.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMetrics } from './metrics.ts'

test('what was measured is in the text, by route, code and batch', async () => {
  const metrics = createMetrics('1.2.3')
  metrics.watch({
    openConnections: () => ({ gateway: 3 }),
    waitingConnections: () => 4,
    storageWaiting: () => 2,
    knownDevices: () => 5,
    devicesByLiveness: async () => ({ online: 4, offline: 1 }),
    agentsByState: () => ({ active: 6 }),
    agentTokensEnding: () => 1,
  })
  metrics.exchange({ listener: 'gateway', route: 'POST /sync', status: 200, seconds: 0.002 })
  metrics.exchange({ listener: 'gateway', route: 'POST /sync', status: 403, seconds: 0.001, code: 'device_not_active' })
  metrics.exchange({ listener: 'api', route: 'GET /devices', status: 200, seconds: 11 })
  metrics.exchange({ listener: 'api', route: 'GET /devices', status: 200, seconds: 10 })
  metrics.sample('commit_ms', 3)
  metrics.sample('ingest_requests', 7)
  metrics.sample('checkpoint_ms', 30)
  metrics.sample('checkpoint_failed', 1)
  metrics.sample('log_pages', 12)
  metrics.rejectedEvents('invalid_payload', 2)
  metrics.heartbeat('stored', 2)
  metrics.heartbeat('duplicate', 0)
  const text = await metrics.text()
  for (const line of [
    'muster_http_request_seconds_count{listener="gateway",route="POST /sync",status="200"} 1',
    'muster_http_request_seconds_bucket{le="0.001",listener="gateway",route="POST /sync",status="200"} 0',
    'muster_http_request_seconds_bucket{le="0.0025",listener="gateway",route="POST /sync",status="200"} 1',
    'muster_http_request_seconds_bucket{le="0.001",listener="gateway",route="POST /sync",status="403"} 1',
    'muster_http_request_seconds_sum{listener="gateway",route="POST /sync",status="200"} 0.002',
    'muster_http_request_seconds_bucket{le="10",listener="api",route="GET /devices",status="200"} 1',
    'muster_http_request_seconds_bucket{le="+Inf",listener="api",route="GET /devices",status="200"} 2',
    '# TYPE muster_http_request_seconds histogram',
    'muster_http_rejections_total{listener="gateway",route="POST /sync",code="device_not_active"} 1',
    'muster_storage_commit_seconds_bucket{le="0.005"} 1',
    'muster_storage_commit_seconds_bucket{le="0.0025"} 0',
    'muster_batch_size_sum{batch="ingest_requests"} 7',
    'muster_storage_checkpoint_seconds_sum 0.03',
    'muster_storage_checkpoints_failed_total 1',
    'muster_storage_log_pages 12',
    'muster_events_rejected_total{code="invalid_payload"} 2',
    'muster_open_connections{listener="gateway"} 3',
    'muster_waiting_connections 4',
    'muster_storage_waiting 2',
    'muster_devices{liveness="online"} 4',
    'muster_directory_devices 5',
    'muster_agents{state="active"} 6',
    'muster_agent_tokens_ending 1',
    'muster_heartbeats_total{outcome="stored"} 1',
    'muster_heartbeats_total{outcome="duplicate"} 1',
    'muster_heartbeat_secrets_dropped_total 2',
    `muster_build_info{version="1.2.3",node="${process.versions.node}"} 1`,
  ])
    assert.ok(text.includes(`${line}\n`), line)
  assert.match(text, /nodejs_eventloop_lag_seconds/)
  metrics.heartbeat('stored', 0)
  assert.ok((await metrics.text()).includes('muster_heartbeats_total{outcome="stored"} 2\n'))
  metrics.close()
})
