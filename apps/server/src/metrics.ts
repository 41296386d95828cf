// What the server measures about itself, in Prometheus's words; labels are bounded and never name a tenant.
// Who may read it is raw/metrics.ts; measuring is done where things happen.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

const latencySeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const commitSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
const batchSizes = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]

export type ListenerName = 'gateway' | 'api'

export interface Exchange {
  readonly listener: ListenerName
  /** The route's method and path pattern; never the path that was asked for. */
  readonly route: string
  readonly status: number
  readonly seconds: number
  /** The refusal's code, when there was one. */
  readonly code?: string | undefined
}

/** Figures read at the moment somebody asks for them. */
export interface Gauges {
  readonly openConnections: () => Readonly<Partial<Record<ListenerName, number>>>
  readonly waitingConnections: () => number
  readonly storageWaiting: () => number
  readonly knownDevices: () => number
  readonly devicesByLiveness: () => Promise<Readonly<Record<string, number>>>
  readonly agentsByState: () => Readonly<Record<string, number>>
  readonly agentTokensEnding: () => number
}

export interface Metrics {
  exchange(exchange: Exchange): void
  /** What the storage says of commits, checkpoints and its log, and sizes of groups under the names units gave them. */
  sample(name: string, value: number): void
  /** An event a sensor sent that can never be accepted. */
  rejectedEvents(code: string, count: number): void
  /** A heartbeat that was taken, and how many members of it were dropped because they looked like secrets. */
  heartbeat(outcome: 'stored' | 'duplicate', secretCount: number): void
  watch(gauges: Gauges): void
  /** The Prometheus text. */
  text(): Promise<string>
  readonly contentType: string
  close(): void
}

type Collected = Readonly<Record<string, number>> | number

/** A gauge that asks for its value, or for one per label, when it is read. */
const createGauge = (
  registry: Registry,
  { name, help, label }: { readonly name: string; readonly help: string; readonly label?: string },
  read: () => Collected | Promise<Collected>,
): Gauge =>
  new Gauge({
    name,
    help,
    labelNames: label === undefined ? [] : [label],
    registers: [registry],
    async collect() {
      const collected = await read()
      if (typeof collected === 'number') this.set(collected)
      else for (const [said, count] of Object.entries(collected)) this.set({ [label ?? '']: said }, count)
    },
  })

const watchGauges = (registry: Registry, gauges: Gauges): readonly Gauge[] => [
  createGauge(
    registry,
    { name: 'muster_open_connections', help: 'Connections open on a listener.', label: 'listener' },
    gauges.openConnections,
  ),
  createGauge(
    registry,
    { name: 'muster_waiting_connections', help: 'Devices that wait for their handshake, because many came at once.' },
    gauges.waitingConnections,
  ),
  createGauge(
    registry,
    { name: 'muster_storage_waiting', help: 'Questions sent to the database and not yet answered.' },
    gauges.storageWaiting,
  ),
  createGauge(
    registry,
    { name: 'muster_directory_devices', help: 'Devices held in memory to recognise callers.' },
    gauges.knownDevices,
  ),
  createGauge(
    registry,
    { name: 'muster_devices', help: 'Devices that are neither retired nor merged, by liveness.', label: 'liveness' },
    gauges.devicesByLiveness,
  ),
  createGauge(registry, { name: 'muster_agents', help: 'Agents by state.', label: 'state' }, gauges.agentsByState),
  createGauge(
    registry,
    { name: 'muster_agent_tokens_ending', help: 'Active agents whose token ends within 14 days, with none to follow.' },
    gauges.agentTokensEnding,
  ),
]

const createInstruments = (registers: Registry[]) => ({
  requests: new Histogram({
    name: 'muster_http_request_seconds',
    help: 'From the last byte of a request to the last byte of its reply.',
    labelNames: ['listener', 'route', 'status'],
    buckets: latencySeconds,
    registers,
  }),
  rejections: new Counter({
    name: 'muster_http_rejections_total',
    help: 'Requests that were refused, by code.',
    labelNames: ['listener', 'route', 'code'],
    registers,
  }),
  commits: new Histogram({
    name: 'muster_storage_commit_seconds',
    help: 'How long a commit took, disk included.',
    buckets: commitSeconds,
    registers,
  }),
  checkpoints: new Histogram({
    name: 'muster_storage_checkpoint_seconds',
    help: 'How long it took to move the log of the database into it.',
    buckets: commitSeconds,
    registers,
  }),
  failedCheckpoints: new Counter({
    name: 'muster_storage_checkpoints_failed_total',
    help: 'Times the log of the database could not be moved into it.',
    registers,
  }),
  logPages: new Gauge({
    name: 'muster_storage_log_pages',
    help: 'Pages of the log of the database that are not in it yet.',
    registers,
  }),
  batches: new Histogram({
    name: 'muster_batch_size',
    help: 'How many things were dealt with at once.',
    labelNames: ['batch'],
    buckets: batchSizes,
    registers,
  }),
  events: new Counter({
    name: 'muster_events_rejected_total',
    help: 'Events of sensors that can never be accepted, by code.',
    labelNames: ['code'],
    registers,
  }),
})

/** Counted here and told when somebody asks: the library looks up labels at every count. */
const createHeartbeatCounts = (registers: Registry[]) => {
  const untold = { stored: 0, duplicate: 0, secrets: 0 }
  const heartbeats = new Counter({
    name: 'muster_heartbeats_total',
    help: 'Heartbeats that were taken, by whether they were new; those refused are among the rejections.',
    labelNames: ['outcome'],
    registers,
    collect() {
      for (const outcome of ['stored', 'duplicate'] as const) {
        if (untold[outcome] > 0) this.inc({ outcome }, untold[outcome])
        untold[outcome] = 0
      }
    },
  })
  const secrets = new Counter({
    name: 'muster_heartbeat_secrets_dropped_total',
    help: 'Members of heartbeats that looked like secrets and were not kept.',
    registers,
    collect() {
      this.inc(untold.secrets)
      untold.secrets = 0
    },
  })
  const count: Metrics['heartbeat'] = (outcome, secretCount) => {
    untold[outcome] += 1
    untold.secrets += secretCount
  }
  return { heartbeats, secrets, count }
}

type Instruments = ReturnType<typeof createInstruments>

/** What becomes of the storage's own figures, by the names it gives them. */
const storageSamples = ({ commits, checkpoints, failedCheckpoints, logPages }: Instruments) =>
  new Map<string, (value: number) => void>([
    ['commit_ms', (value) => commits.observe(value / 1000)],
    ['checkpoint_ms', (value) => checkpoints.observe(value / 1000)],
    ['checkpoint_failed', (value) => failedCheckpoints.inc(value)],
    ['log_pages', (value) => logPages.set(value)],
  ])

type Latency = Histogram.Internal<'listener' | 'route' | 'status'>

/** Each series is looked up by its labels once; a busy listener would otherwise do that for every request. */
const createLatencies = (requests: Instruments['requests']) => {
  const listeners: Record<ListenerName, Map<string, Map<number, Latency>>> = { gateway: new Map(), api: new Map() }
  return (listener: ListenerName, route: string, status: number): Latency => {
    const byStatus = listeners[listener].get(route) ?? new Map<number, Latency>()
    const known = byStatus.get(status)
    if (known !== undefined) return known
    const made = requests.labels(listener, route, String(status))
    listeners[listener].set(route, byStatus.set(status, made))
    return made
  }
}

/** One registry for one server, so that two in a process do not mix. */
export const createMetrics = (version: string): Metrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const build = { name: 'muster_build_info', help: 'Always 1.', labelNames: ['version', 'node'], registers: [registry] }
  new Gauge(build).set({ version, node: process.versions.node }, 1)
  const instruments = createInstruments([registry])
  const { rejections, batches, events } = instruments
  const storage = storageSamples(instruments)
  const latencyOf = createLatencies(instruments.requests)
  return {
    exchange({ listener, route, status, seconds, code }) {
      latencyOf(listener, route, status).observe(seconds)
      if (code !== undefined) rejections.inc({ listener, route, code })
    },
    sample(name, value) {
      const figure = storage.get(name)
      if (figure === undefined) batches.observe({ batch: name }, value)
      else figure(value)
    },
    rejectedEvents: (code, count) => events.inc({ code }, count),
    heartbeat: createHeartbeatCounts([registry]).count,
    watch: (gauges) => void watchGauges(registry, gauges),
    text: () => registry.metrics(),
    contentType: registry.contentType,
    close: () => registry.clear(),
  }
}
