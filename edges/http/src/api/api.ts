// The operator listener: the routes of the contract and a few pages beside them, over TLS or plain.
// Who operators are comes from outside; the pieces it is put together from are its neighbours.
import { type ServerOptions, Server as TlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { type Clock, type Log, silentLog, systemClock } from '@muster/kernel'
import type { Measure } from '../measure.ts'
import type { ExcuseOf } from '../problem.ts'
import { createRequestIds } from '../request-id.ts'
import type { Served } from '../serve.ts'
import type { DeviceKnock, Doorkeeper } from './admission.ts'
import { type Carrier, createCarrier } from './carrier.ts'
import { createIdempotency, type ReplyMemory } from './idempotency.ts'
import type { Page, Site } from './page.ts'
import { createRate } from './rate.ts'
import { createTurns } from './turns.ts'

export interface ApiTls {
  readonly cert: string
  readonly key: string
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3'
  /** When given, their certificates are asked for, so that a device at the wrong door is recognised. */
  readonly deviceAuthorities?: readonly string[]
}

export interface ApiSettings<O> extends Doorkeeper<O> {
  readonly listen: { readonly host: string; readonly port: number }
  readonly tls?: ApiTls
  readonly served: readonly Served<O>[]
  readonly pages?: readonly Page[]
  /** What browsers find where neither a route nor a page is. */
  readonly site?: Site
  /** Requests one operator may make in a minute; 600 unless told. */
  readonly ratePerMinute?: number
  /** Where replies to idempotency keys are kept; without it keys are only handed to the handlers. */
  readonly replyMemory?: ReplyMemory
  readonly onDeviceCredential?: (knock: DeviceKnock) => void
  /** Which faults of identities and handlers are refusals in truth. */
  readonly excuseOf?: ExcuseOf
  readonly onMeasure?: Measure
  readonly clock?: Clock
  readonly log?: Log
  /** Hold every reply against its route; for tests and development. */
  readonly checkReplies?: boolean
}

export interface Api {
  readonly host: string
  readonly port: number
  openConnections(): number
  /** New handshakes use these; nothing changes on a listener without TLS. */
  setTrust(tls: ApiTls): void
  /** Refuses new requests, lets those under way finish, and after `deadlineMs` destroys what is left. */
  close(deadlineMs?: number): Promise<void>
}

const exportsEach = 4
const closeWithinMs = 10_000

const checkServed = (served: readonly Served<never>[]): void => {
  const odd = served.find(({ route }) => route.speaker === 'device' || !['json', 'ndjson'].includes(route.replyForm))
  if (odd !== undefined) throw new Error(`the api cannot serve ${odd.route.method} ${odd.route.path}`)
}

const contextOptions = (tls: ApiTls): ServerOptions => ({
  cert: tls.cert,
  key: tls.key,
  minVersion: tls.minVersion ?? 'TLSv1.2',
  ...(tls.deviceAuthorities && { ca: [...tls.deviceAuthorities] }),
})

const httpsOptions = (tls: ApiTls): ServerOptions => ({
  ...contextOptions(tls),
  ...(tls.deviceAuthorities && { requestCert: true, rejectUnauthorized: false }),
})

const listening = async (app: Carrier, { host, port }: ApiSettings<never>['listen']): Promise<AddressInfo> => {
  try {
    await app.listen({ host, port })
  } catch (cause) {
    throw new Error(`listen on ${host}:${port}`, { cause })
  }
  return app.server.address() as AddressInfo
}

const countConnections = (app: Carrier): (() => number) => {
  let open = 0
  app.server.on('connection', (socket: Socket) => {
    open += 1
    socket.once('close', () => {
      open -= 1
    })
  })
  return () => open
}

/** Opens the listener; throws with the address and the cause when it cannot. */
export const createApi = async <O>(settings: ApiSettings<O>): Promise<Api> => {
  checkServed(settings.served)
  let draining = false
  const clock = settings.clock ?? systemClock
  const app = createCarrier({
    served: settings.served,
    pages: settings.pages ?? [],
    site: settings.site ?? (() => null),
    admission: {
      doorkeeper: settings,
      rate: createRate(settings.ratePerMinute ?? 600, clock),
      onDeviceCredential: settings.onDeviceCredential ?? (() => undefined),
    },
    hearing: {
      clock,
      checkReplies: settings.checkReplies ?? false,
      idempotency: settings.replyMemory && createIdempotency(settings.replyMemory),
    },
    exports: createTurns(exportsEach),
    nextRequestId: createRequestIds(),
    excuseOf: settings.excuseOf ?? (() => undefined),
    onMeasure: settings.onMeasure ?? (() => undefined),
    log: settings.log ?? silentLog,
    https: settings.tls && httpsOptions(settings.tls),
    isDraining: () => draining,
  })
  const openConnections = countConnections(app)
  const address = await listening(app, settings.listen)
  return {
    host: address.address,
    port: address.port,
    openConnections,
    setTrust: (tls) => {
      if (app.server instanceof TlsServer) app.server.setSecureContext(contextOptions(tls))
    },
    async close(deadlineMs = closeWithinMs) {
      draining = true
      const deadline = setTimeout(() => app.server.closeAllConnections(), deadlineMs)
      await app.close()
      clearTimeout(deadline)
    },
  }
}
