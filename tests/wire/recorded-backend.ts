// A backend that is a recording: a TLS server that says what was written down, in order, and takes nothing but the very
// sentences that stand before it. Whatever differs is a fault; it knows nothing of this product.
// The conversation itself is recordings/published-backend.json, what an agent does in it recorded-backend.test.ts.
import { createHash, createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { isDeepStrictEqual } from 'node:util'
import { certify, makeAuthority, makeServerLeaf } from '@muster/http/testing'

export interface Exchange {
  readonly says: string
  readonly request: unknown
  readonly reply: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }
}

type Recording = Readonly<Record<string, readonly Exchange[]>>

export interface RecordingNeeds {
  readonly recording: string
  /** Before `/api/sensor/v1`. */
  readonly prefix: string
  /** The payload bytes of an item, by its name in the recording. */
  readonly payloads: ReadonlyMap<string, Uint8Array>
}

type Members = Record<string, unknown>

const uuid = /^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/
const canonicalBase64 = (text: string): boolean => Buffer.from(text, 'base64').toString('base64') === text

/** What any client says of itself; nothing that names a person, a token or a version (sensor-protocol 1). */
const plainHeaders = ['accept', 'connection', 'content-length', 'content-type', 'host']

const isWireKey = (text: string): boolean => {
  const pem = Buffer.from(text, 'base64').toString()
  const { asymmetricKeyDetails } = createPublicKey(pem)
  return canonicalBase64(text) && pem.length === 177 && asymmetricKeyDetails?.namedCurve === 'prime256v1'
}

const createReader = ({ payloads }: RecordingNeeds) => {
  /** The event ids by sequence: a retry is the same event. */
  const eventIds = new Map<number, string>()
  const nameOf = (payload: string): string =>
    [...payloads].find(([, bytes]) => Buffer.from(bytes).toString('base64') === payload)?.[0] ?? payload

  const eventOf = (event: Members): Members => {
    const { eventId, localSequence, payload, payloadHash } = event
    const sequence = Number(localSequence)
    if (!eventIds.has(sequence) && uuid.test(String(eventId))) eventIds.set(sequence, String(eventId))
    const hash = createHash('sha256')
      .update(Buffer.from(String(payload), 'base64'))
      .digest('hex')
    return {
      ...event,
      ...(eventIds.get(sequence) === eventId && { eventId: `{{event ${sequence}}}` }),
      payload: `{{${nameOf(String(payload))}}}`,
      ...(payloadHash === hash && { payloadHash: '{{hash}}' }),
    }
  }

  const words: readonly (readonly [key: string, word: string, is: (value: unknown) => boolean])[] = [
    ['observedAt', 'instant', (value) => instant.test(String(value))],
    ['collectedAt', 'instant', (value) => instant.test(String(value))],
    ['sensorVersion', 'sensorVersion', (value) => /^muster-agent\/\d+\.\d+\.\d+$/.test(String(value))],
    ['publicKey', 'publicKey', (value) => isWireKey(String(value))],
    ['syncBacklogEvents', 'count', (value) => Number.isSafeInteger(value) && Number(value) >= 0],
    ['syncBacklogBytes', 'count', (value) => Number.isSafeInteger(value) && Number(value) >= 0],
    ...['hostname', 'osVersion', 'hardwareModel'].map(
      (key) => [key, 'text', (value: unknown) => typeof value === 'string' && value !== ''] as const,
    ),
  ]

  /** The body with everything that differs from run to run put into words, if it is what it should be. */
  const inWords = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((one) => inWords(eventOf(one as Members)))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const word = words.find(([name, , is]) => name === key && is(inner))?.[1]
        return [key, word === undefined ? inWords(inner) : `{{${word}}}`]
      }),
    )
  }
  return { inWords, eventIds }
}

const readAll = async (request: IncomingMessage): Promise<Buffer> => {
  const pieces: Buffer[] = []
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** What is wrong with how it was said, whatever was said. */
const mannersOf = (request: IncomingMessage, route: string, issued: ReadonlySet<string>): readonly string[] => {
  const odd = Object.keys(request.headers).filter((name) => !plainHeaders.includes(name))
  const shown = (request.socket as TLSSocket).getPeerX509Certificate()?.fingerprint256
  return [
    ...(request.method === 'POST' ? [] : [`method ${request.method}`]),
    ...(request.headers['content-type'] === 'application/json' ? [] : ['not said to be JSON']),
    ...odd.map((name) => `header ${name}`),
    ...(route === 'enroll' && shown !== undefined ? ['a certificate where there can be none yet'] : []),
    ...(route !== 'enroll' && !issued.has(shown ?? '') ? ['not the certificate that was issued'] : []),
  ]
}

export const startRecording = async (needs: RecordingNeeds) => {
  const path = join(import.meta.dirname, 'recordings', `${needs.recording}.json`)
  const recording = JSON.parse(readFileSync(path, 'utf8')) as Recording
  const authority = await makeAuthority()
  const own = await makeServerLeaf(authority)
  const heard = new Map(Object.keys(recording).map((route) => [route, 0]))
  const faults: string[] = []
  const issued = new Set<string>()
  const { inWords, eventIds } = createReader(needs)
  let changed = Promise.withResolvers<void>()

  const fill = async (text: string, said: Members): Promise<string> => {
    if (!text.includes('{{chain}}'))
      return text.replaceAll(/\{\{event (\d+)\}\}/g, (_whole, sequence) => eventIds.get(Number(sequence)) ?? '')
    const pem = Buffer.from(String(said['publicKey']), 'base64').toString()
    const leaf = await certify(authority, pem, { name: 'dev_1' })
    issued.add(
      Buffer.from(await leaf.getThumbprint('SHA-256'))
        .toString('hex')
        .toUpperCase()
        .match(/../g)
        ?.join(':') ?? '',
    )
    const chain = `${leaf.toString('pem')}\n${authority.certPem}`.replaceAll('\n', '\r\n')
    return text
      .replace('{{chain}}', Buffer.from(chain).toString('base64').replaceAll('/', '\\/'))
      .replace('{{expires}}', leaf.notAfter.toISOString())
  }

  /** The last of the check-ins is how things stay; every other sentence is expected once. */
  const nextOf = (route: string): Exchange | undefined => {
    const exchanges = recording[route] ?? []
    const at = heard.get(route) ?? 0
    heard.set(route, at + 1)
    return exchanges[at] ?? (route === 'check-in' ? exchanges.at(-1) : undefined)
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const before = `${needs.prefix}/api/sensor/v1/`
    const route = request.url?.startsWith(before) ? request.url.slice(before.length) : `nowhere: ${request.url}`
    const said = JSON.parse((await readAll(request)).toString('utf8')) as Members
    const exchange = nextOf(route)
    faults.push(...mannersOf(request, route, issued).map((fault) => `${route}: ${fault}`))
    const words = inWords(said)
    if (exchange === undefined) faults.push(`${route}: said once more: ${JSON.stringify(words)}`)
    else if (!isDeepStrictEqual(words, exchange.request))
      faults.push(`${route}, "${exchange.says}": ${JSON.stringify(words)} is not ${JSON.stringify(exchange.request)}`)
    const { status, headers, body } = exchange?.reply ?? { status: 500, headers: {}, body: '' }
    response.writeHead(status, { ...headers, connection: route === 'enroll' ? 'close' : 'keep-alive' })
    response.end(await fill(body, said))
    changed.resolve()
    changed = Promise.withResolvers()
  }

  const tls = {
    key: own.keyPem,
    cert: own.certPem,
    ca: authority.certPem,
    requestCert: true,
    rejectUnauthorized: false,
  }
  const server: Server = createServer(tls, (request, response) => {
    answer(request, response).catch((fault: unknown) => {
      faults.push(String(fault))
      response.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}${needs.prefix}`,
    authorityPem: authority.certPem,
    faults: faults as readonly string[],
    heard: (route: string): number => heard.get(route) ?? 0,
    all: (route: string): number => recording[route]?.length ?? 0,
    /** Looks again after everything that is said; the first fault ends the wait. */
    until: async (holds: () => boolean): Promise<void> => {
      while (!holds()) {
        if (faults.length > 0) throw new Error(faults.join('\n'))
        await changed.promise
      }
    },
    close: async (): Promise<void> => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
