// A gateway with a few small routes, certificates for it, and callers with and without one, for its tests.
// Nothing here is a route of the product.
import { hash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { declare } from '@muster/contract'
import { ok, refuse } from '@muster/kernel'
import { z } from 'zod'
import { encodedJson, type Said, type Served, serve, serveBytes, serveView } from '../serve.ts'
import {
  makeAuthority,
  makeLeaf,
  makeServerLeaf,
  openWire,
  requestBytes,
  type TestLeaf,
  type Wire,
  type WireReply,
} from '../testing.ts'
import { createGateway, type Gateway, type GatewaySettings } from './gateway.ts'

/** What a database that is away throws here. */
class Busy extends Error {}

const prefix = '/api/test/v1'

export const beat = declare({
  method: 'POST',
  path: `${prefix}/beat`,
  summary: 'A small body and a small reply.',
  speaker: 'device',
  body: z.looseObject({ load: z.int() }),
  reply: z.strictObject({ by: z.string(), load: z.int() }),
  refusals: ['state_conflict'],
  limits: { bodyBytes: 1000 },
})

export const deliver = declare({
  method: 'POST',
  path: `${prefix}/deliver`,
  summary: 'Bytes as they come.',
  speaker: 'device',
  body: z.unknown(),
  bodyForm: 'bytes',
  reply: z.strictObject({ byteCount: z.int(), own: z.boolean() }),
  refusals: [],
  limits: { bodyBytes: 4_000_000 },
})

export const glance = declare({
  method: 'POST',
  path: `${prefix}/glance`,
  summary: 'Bytes where they lie.',
  speaker: 'device',
  body: z.unknown(),
  bodyForm: 'view',
  reply: z.strictObject({ digest: z.string() }),
  refusals: [],
  limits: { bodyBytes: 4_000_000 },
})

export const join = declare({
  method: 'POST',
  path: `${prefix}/join`,
  summary: 'Comes without a certificate.',
  speaker: 'enrollee',
  body: z.looseObject({ name: z.string() }),
  reply: z.strictObject({ welcome: z.string() }),
  refusals: [],
})

export const readPart = declare({
  method: 'GET',
  path: `${prefix}/parts/{id}/state`,
  summary: 'Has a path parameter and a query.',
  speaker: 'device',
  params: z.strictObject({ id: z.string() }),
  query: z.strictObject({ full: z.string().optional() }),
  reply: z.strictObject({ id: z.string(), full: z.string().nullable() }),
  refusals: [],
})

/** What `beat` answers to loads with a meaning of their own. */
export const loads = { busy: -5, refused: -1, fault: -2, wrong: -3, unlisted: -4, async: 7, held: 8 } as const

/** A `beat` as it goes over the wire. */
export const beatBytes = (load: number, headers: Readonly<Record<string, string>> = {}): Buffer =>
  requestBytes('POST', beat.path, JSON.stringify({ load }), headers)

/** What comes back on a wire for these bytes. */
export const said = (wire: Wire, bytes: Uint8Array): Promise<WireReply> => {
  wire.write(bytes)
  return wire.reply()
}

export interface Held {
  readonly entered: Promise<void>
  release(): void
}

export interface Stage {
  readonly served: readonly Served[]
  /** The next `beat` with `loads.held` says when it got in, and waits to be let out. */
  hold(): Held
}

export const createStage = (): Stage => {
  let gate = { entered: Promise.withResolvers<void>(), release: Promise.withResolvers<void>() }
  const answerBeat = async ({ speaker, body }: Said<typeof beat, string>) => {
    if (body.load === loads.held) {
      gate.entered.resolve()
      await gate.release.promise
    }
    return ok(encodedJson(JSON.stringify({ by: speaker, load: body.load })))
  }
  const served = [
    serve(beat, (said: Said<typeof beat, string>) => {
      const { load } = said.body
      if (load === loads.refused) return refuse('state_conflict', 'Not now.')
      if (load === loads.fault) throw new Error('handler broke', { cause: new Error('the secret cause') })
      if (load === loads.busy) throw new Busy()
      if (load === loads.wrong) return ok({ by: 1 } as never)
      if (load === loads.unlisted) return refuse('role_above_own' as never)
      return load === loads.async || load === loads.held ? answerBeat(said) : ok({ by: said.speaker, load })
    }),
    serveBytes(deliver, ({ body }: Said<typeof deliver, string, Uint8Array<ArrayBuffer>>) =>
      ok({ byteCount: body.length, own: body.buffer.byteLength === body.length && body.byteOffset === 0 }),
    ),
    serveView(glance, ({ body }: Said<typeof glance, string, Uint8Array>) =>
      ok({ digest: hash('sha256', body, 'hex') }),
    ),
    serve(join, ({ body }: Said<typeof join, undefined>) => ok({ welcome: body.name })),
    serve(readPart, ({ params, query }: Said<typeof readPart, string>) =>
      ok({ id: params.id, full: query.full ?? null }),
    ),
  ] as readonly Served[]
  return {
    served,
    hold() {
      gate = { entered: Promise.withResolvers<void>(), release: Promise.withResolvers<void>() }
      const { entered, release } = gate
      return { entered: entered.promise, release: () => release.resolve() }
    },
  }
}

export interface Papers {
  readonly caPem: string
  readonly devicesPem: string
  readonly server: TestLeaf
  readonly device: TestLeaf
  /** A client certificate of the device authority. */
  issue(order: Parameters<typeof makeLeaf>[1]): Promise<TestLeaf>
}

export const makePapers = async (): Promise<Papers> => {
  const [authority, devices] = await Promise.all([makeAuthority(), makeAuthority('devices')])
  const [server, device] = await Promise.all([makeServerLeaf(authority), makeLeaf(devices, { name: 'dev_1' })])
  const issue: Papers['issue'] = (order) => makeLeaf(devices, order)
  return { caPem: authority.certPem, devicesPem: devices.certPem, server, device, issue }
}

/** As identity does it: no certificate, a bad one, and one of a known device are three things. */
export const identifyDevice: GatewaySettings['identifyDevice'] = (peer) => {
  if (peer === null) return refuse('certificate_missing')
  if (peer.authorizationError === 'CERT_HAS_EXPIRED') return refuse('certificate_expired')
  if (!peer.authorized) return refuse('certificate_untrusted')
  return ok(peer.fingerprint256Hex.slice(0, 8))
}

export const openGateway = (papers: Papers, stage: Stage, more: Partial<GatewaySettings> = {}): Promise<Gateway> =>
  createGateway({
    listen: { host: '127.0.0.1', port: 0 },
    tls: { cert: papers.server.certPem, key: papers.server.keyPem, ca: [papers.devicesPem] },
    served: stage.served,
    identifyDevice,
    excuseOf: (fault) => (fault instanceof Busy ? 'store_busy' : undefined),
    checkReplies: true,
    ...more,
  })

/** A connection with the certificate of `leaf`, or with none. */
export const connect = (gateway: Gateway, papers: Papers, leaf?: TestLeaf): Promise<Wire> =>
  openWire(gateway.port, { ca: papers.caPem, ...(leaf && { cert: leaf.certPem, key: leaf.keyPem }) })

/** Waits for a state that no event announces. */
export const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await pause(2)
}
