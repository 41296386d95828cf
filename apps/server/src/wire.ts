// Builds the whole server from its settings, in the order in which things need each other, and takes it down in reverse.
// What each part does is its room's; no rule lives here.
import type { Api, Gateway, Site } from '@muster/http'
import { type Clock, type Log, systemClock, toIso } from '@muster/kernel'
import { serveFleet } from './fleet/fleet.ts'
import { openDataFolder } from './folder/data-folder.ts'
import { announceRunning, type Running, withdrawRunning } from './folder/running.ts'
import { readServerId } from './folder/server-id.ts'
import { createGatewayUrl, type GatewayUrl } from './gateway-url.ts'
import { createHealth, type Health } from './health/health.ts'
import { openApi } from './listeners/api.ts'
import { openGateway } from './listeners/gateway.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { openServerStorage } from './open-storage.ts'
import { createPages, withoutDashboard } from './pages/pages.ts'
import { createReplyMemory, type DurableReplyMemory } from './reply-memory/reply-memory.ts'
import { createRetention, type Retention } from './retention/retention.ts'
import { openRooms, type Rooms } from './rooms.ts'
import type { ServerSettings } from './settings/settings.ts'
import { serveFacade } from './telemetry/operators.ts'
import { programVersion } from './version.ts'

export interface ServerNeeds {
  readonly server: ServerSettings
  readonly log: Log
  readonly clock?: Clock
  /** The dashboard's files; without them the front page says where the API is. */
  readonly dashboard?: Site | null
  /** Hold every reply against its route; for tests and development. */
  readonly checkReplies?: boolean
}

export interface RunningServer extends Pick<Running, 'gateway' | 'api'> {
  readonly dataDir: string
  readonly rooms: Rooms
  readonly retention: Retention
  /** Refuses new requests, finishes those under way, writes what is in memory, closes. */
  close(): Promise<void>
}

/** What listeners and jobs are built from. */
interface Base {
  readonly server: ServerSettings
  readonly replies: DurableReplyMemory
  readonly rooms: Rooms
  readonly health: Health
  readonly metrics: Metrics
  readonly gatewayUrl: GatewayUrl
  readonly clock: Clock
  readonly log: Log
  readonly startedMs: number
  readonly checkReplies: boolean
  /** What drains, both at the same time, before anything it needs is closed. */
  readonly listeners: (() => Promise<void>)[]
}

const openBase = async (needs: ServerNeeds, stack: AsyncDisposableStack): Promise<Base> => {
  const { server, log, clock = systemClock, checkReplies = false } = needs
  const startedMs = clock.nowMs()
  const folder = openDataFolder(server.settings.dataDir)
  stack.defer(() => folder.close())
  const metrics = createMetrics(programVersion)
  stack.defer(() => metrics.close())
  const units = [new URL('./units.ts', import.meta.url)]
  const storage = await openServerStorage(server.settings, { clock, units, onSample: metrics.sample })
  stack.defer(() => storage.close())
  const statements = storage.missingWall.join('; ')
  if (statements !== '')
    log.warn('only queries keep tenants apart until an administrator of PostgreSQL has said this', {
      'database.statements': statements,
    })
  const gatewayUrl = createGatewayUrl(server.settings)
  const replies = await createReplyMemory({ storage, clock, log, holder: readServerId(server.settings.dataDir) })
  const onEffects = replies.noteEffects
  const rooms = await openRooms({ server, storage, metrics, clock, log, gatewayUrl: gatewayUrl.read, onEffects })
  stack.defer(() => rooms.close())
  const health = createHealth(storage, clock)
  const listeners: Base['listeners'] = []
  stack.defer(async () => void (await Promise.all(listeners.map((close) => close()))))
  return { listeners, server, replies, rooms, health, metrics, gatewayUrl, clock, log, startedMs, checkReplies }
}

const openGatewayOf = async (base: Base): Promise<Gateway | null> => {
  const { settings } = base.server
  if (!settings.roles.includes('gateway')) return null
  const { identity, observe, telemetry } = base.rooms
  const { sensorRoutes } = observe
  const { agentRoutes } = telemetry
  const gateway = await openGateway({ ...base, settings, identity, sensorRoutes, agentRoutes })
  base.listeners.push(() => gateway.close())
  base.gatewayUrl.setPort(gateway.port)
  base.health.setListener('gateway', true)
  return gateway
}

const openControl = (base: Base, stack: AsyncDisposableStack) => {
  const { settings } = base.server
  const { storage, ledger, observe, retentionTerms: terms, legalHolds: holds } = base.rooms
  const retention = createRetention({ ...base, storage, ledger, observe, terms, holds })
  stack.defer(() => retention.close())
  if (!settings.roles.includes('control')) return { retention, served: [] }
  retention.start()
  const { identity, telemetry } = base.rooms
  const served = [...serveFleet(base), ...serveFacade({ ...identity, ...telemetry, clock: base.clock })]
  return { retention, served }
}

const watchGauges = ({ metrics, rooms }: Base, gateway: Gateway | null, api: Api): void =>
  metrics.watch({
    openConnections: () => ({
      api: api.openConnections(),
      ...(gateway === null ? {} : { gateway: gateway.openConnections() }),
    }),
    waitingConnections: () => gateway?.waitingConnections() ?? 0,
    storageWaiting: () => rooms.storage.measure().waiting,
    knownDevices: () => rooms.identity.directory.size(),
    devicesByLiveness: () => rooms.identity.devices.livenessCounts(),
    agentsByState: rooms.identity.agents.countsByState,
    agentTokensEnding: () => rooms.identity.agents.tokensEnding('everybody'),
  })

const apiUrlOf = ({ host, port }: Api, isTls: boolean): string => {
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `${isTls ? 'https' : 'http'}://${shown.includes(':') ? `[${shown}]` : shown}:${port}`
}

/** Throws a plain fault for what whoever starts it can put right; what was opened by then is closed again. */
export const startServer = async (needs: ServerNeeds): Promise<RunningServer> => {
  await using stack = new AsyncDisposableStack()
  const base = await openBase(needs, stack)
  const { settings } = base.server
  const { retention, served } = openControl(base, stack)
  const gateway = await openGatewayOf(base)
  const { identity } = base.rooms
  const dashboard = needs.dashboard ?? null
  const pages = createPages({ ...base, settings, identity })
  const site = dashboard ?? withoutDashboard
  const api = await openApi({ ...base, settings, identity, served, pages, site, replyMemory: base.replies })
  base.listeners.push(() => api.close())
  base.health.setListener('api', true)
  watchGauges(base, gateway, api)
  const listening = {
    gateway: gateway === null ? null : { host: gateway.host, port: gateway.port, url: base.gatewayUrl.read() },
    api: { host: api.host, port: api.port, url: apiUrlOf(api, settings.apiCert !== undefined) },
  }
  announce(base, listening, stack)
  return { ...listening, dataDir: settings.dataDir, rooms: base.rooms, retention, close: createClose(stack.move()) }
}

const announce = (base: Base, listening: Pick<Running, 'gateway' | 'api'>, stack: AsyncDisposableStack): void => {
  const { dataDir } = base.server.settings
  const startedAt = toIso(base.startedMs)
  announceRunning(dataDir, { pid: process.pid, version: programVersion, startedAt, ...listening })
  stack.defer(() => withdrawRunning(dataDir))
  stack.defer(() => base.health.setStopping())
}

const createClose = (stack: AsyncDisposableStack): (() => Promise<void>) => {
  let closed: Promise<void> | undefined
  return () => {
    closed ??= stack.disposeAsync()
    return closed
  }
}
