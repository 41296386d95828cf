// The device listener: node:https with a route table of its own, or plain HTTP for development (ARCHITECTURE 4, 8).
// Who a device is comes from outside; sockets are the listener's; one request's course is the exchange's.
import type { RefusalCode } from '@muster/contract'
import { type Clock, type Log, silentLog, systemClock } from '@muster/kernel'
import { type Measure, unmatched } from '../measure.ts'
import { type ExcuseOf, jsonType, problemOf } from '../problem.ts'
import { createRequestIds } from '../request-id.ts'
import { createRouteTable, type RouteTable } from '../route-table.ts'
import type { Served } from '../serve.ts'
import { createBodyBudget } from './body-budget.ts'
import { Exchange, type IdentifyAgent, type IdentifyDevice, type Surroundings } from './exchange.ts'
import type { HandOver } from './hand-over/hand-over.ts'
import { openListener } from './listener.ts'
import { defaultLimits, type GatewayLimits, type GatewayTls } from './listener-options.ts'
import type { Message } from './message.ts'

export interface GatewaySettings {
  readonly listen: { readonly host: string; readonly port: number }
  /** `plain` is for a proxy that ends TLS, and the development mode behind a shared token. */
  readonly tls: GatewayTls | 'plain'
  readonly served: readonly Served[]
  readonly identifyDevice: IdentifyDevice
  /** Needed by whoever serves routes of agents. */
  readonly identifyAgent?: IdentifyAgent
  /** For devices behind a proxy that ends TLS. */
  readonly handOver?: HandOver
  /** What stands before every path; `*`, the default, lets anything stand there. */
  readonly pathPrefix?: string
  readonly limits?: Partial<GatewayLimits>
  /** Which faults of identities and handlers are refusals in truth. */
  readonly excuseOf?: ExcuseOf
  readonly onMeasure?: Measure
  readonly clock?: Clock
  readonly log?: Log
  /** Hold every reply against its route; for tests and development. */
  readonly checkReplies?: boolean
}

export interface Gateway {
  readonly host: string
  readonly port: number
  /** Connections that finished their handshake. */
  openConnections(): number
  /** Connections whose handshake has not begun, because many came at once. */
  waitingConnections(): number
  /** New handshakes use these; connections already open keep what they have. */
  setTrust(tls: GatewayTls): void
  /**
   * Stops taking connections, closes idle ones at once, lets requests under way finish, and after `deadlineMs`
   * destroys what is left. Requests that still come on open connections are refused with `shutting_down`.
   */
  close(deadlineMs?: number): Promise<void>
}

const closeWithinMs = 10_000

const nobodyKnowsAgents: IdentifyAgent = () => {
  throw new Error('an agent called a gateway that nobody told how to know one')
}

const checkServed = (served: readonly Served[]): void => {
  const odd = served.find(({ route }) => route.replyForm !== 'json' || route.speaker === 'operator')
  if (odd !== undefined) throw new Error(`the gateway cannot serve ${odd.route.method} ${odd.route.path}`)
}

/** Declines what no route stands behind. */
const decline = (around: Surroundings, message: Message, code: RefusalCode, allow: readonly string[]): void => {
  const { status, body } = problemOf({ code }, around.nextRequestId())
  const head = ['content-type', jsonType, 'content-length', String(Buffer.byteLength(body))]
  if (allow.length > 0) head.push('allow', allow.join(', '))
  message.answer(status, head, body, true)
  around.onMeasure(unmatched, status, code, 0)
}

const createRouter =
  (table: RouteTable<Served>, around: Surroundings): Parameters<typeof openListener>[0]['onRequest'] =>
  (connection, message) => {
    const found = table.find(message.url)
    if (found === undefined) return decline(around, message, 'not_found', [])
    const served = found.entries[message.method]
    if (served === undefined) return decline(around, message, 'method_not_allowed', Object.keys(found.entries))
    const exchange = new Exchange(around, { served, params: found.params, message, connection })
    if (around.isDraining()) exchange.refuse({ code: 'shutting_down' })
    else exchange.begin()
  }

/** Opens the listener; throws with the address and the cause when it cannot. */
export const createGateway = async (settings: GatewaySettings): Promise<Gateway> => {
  checkServed(settings.served)
  let draining = false
  const limits = { ...defaultLimits, ...settings.limits }
  const around: Surroundings = {
    identifyDevice: settings.identifyDevice,
    identifyAgent: settings.identifyAgent ?? nobodyKnowsAgents,
    handOver: settings.handOver,
    budget: createBodyBudget(limits.heldBodyBytes),
    excuseOf: settings.excuseOf ?? (() => undefined),
    onMeasure: settings.onMeasure ?? (() => undefined),
    clock: settings.clock ?? systemClock,
    log: settings.log ?? silentLog,
    checkReplies: settings.checkReplies ?? false,
    nextRequestId: createRequestIds(),
    isDraining: () => draining,
  }
  const entries = settings.served.map((served) => [served.route, served] as const)
  const table = createRouteTable(entries, settings.pathPrefix ?? '*')
  const { listen, tls } = settings
  const onFault = (err: Error): void => around.log.error('gateway cannot take a connection', { err })
  const listener = await openListener({ listen, tls, limits, onFault, onRequest: createRouter(table, around) })
  return {
    host: listener.address.address,
    port: listener.address.port,
    openConnections: () => listener.connections.count(),
    waitingConnections: () => listener.waiting(),
    setTrust: (next) => listener.setTrust(next),
    close: (deadlineMs = closeWithinMs) => {
      draining = true
      return listener.close(deadlineMs)
    },
  }
}
