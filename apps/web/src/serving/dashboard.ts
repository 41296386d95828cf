// The built dashboard as replies to a browser: hashed files for ever, the page itself anew each time, under a strict policy.
// Which paths are the API's, and the socket, are the http edge's.
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { extname, join } from 'node:path'
import { builtFolder, readStamp, stampFile } from '../building/folder.ts'

interface Reply {
  readonly status: number
  readonly type: string
  readonly body: string | Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

/** Null for what is not the dashboard's. */
export type Dashboard = (asked: { readonly path: string; readonly headers: IncomingHttpHeaders }) => Reply | null

interface File {
  readonly type: string
  readonly plain: Buffer
  readonly compressed: readonly (readonly [encoding: 'br' | 'gzip', bytes: Buffer])[]
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
}

/** Stands in the page where each reply has a word that nobody can guess. */
const noncePlace = '__nonce__'

/** Stands where the page learns whether this browser may be signed in. */
const knownPlace = '__known__'

/**
 * Scripts come from this origin only, and nothing is evaluated. Libraries add style elements while they run: these carry
 * the nonce, so that no style written into the page by anybody else counts.
 */
const policyFor = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

const optional = (path: string): Buffer | null => {
  try {
    return readFileSync(path)
  } catch {
    return null
  }
}

const readFiles = (folder: string): ReadonlyMap<string, File> => {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && extname(entry.name) in types)
    .map((entry) => join(entry.parentPath, entry.name))
  return new Map(
    names.map((path) => {
      const [br, gzip] = [optional(`${path}.br`), optional(`${path}.gz`)]
      const compressed = [
        ...(br === null ? [] : [['br', br] as const]),
        ...(gzip === null ? [] : [['gzip', gzip] as const]),
      ]
      const type = types[extname(path)] ?? ''
      return [path.slice(folder.length).replaceAll('\\', '/'), { type, plain: readFileSync(path), compressed }]
    }),
  )
}

const accepts = ({ 'accept-encoding': accepted = '' }: IncomingHttpHeaders, encoding: string): boolean =>
  accepted.split(',').some((one) => {
    const [name = '', ...weights] = one.split(';').map((part) => part.trim())
    return name === encoding && !weights.some((weight) => /^q=0(\.0*)?$/.test(weight))
  })

const fileReply = ({ type, plain, compressed }: File, path: string, headers: IncomingHttpHeaders): Reply => {
  const [encoding, body] = compressed.find(([name]) => accepts(headers, name)) ?? [null, plain]
  return {
    status: 200,
    type,
    body,
    headers: {
      'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'public, max-age=3600',
      vary: 'accept-encoding',
      ...(encoding !== null && { 'content-encoding': encoding }),
    },
  }
}

/** Whether asking who is signed in can lead to anything: a browser without a session need not hear that it has none. */
const mayBeSignedIn = ({ cookie = '' }: IncomingHttpHeaders): boolean => /muster_session=./.test(cookie)

const pageReply = (page: string, isKnown: boolean): Reply => {
  const nonce = randomBytes(16).toString('base64url')
  const headers = { 'content-security-policy': policyFor(nonce) }
  return {
    status: 200,
    type: types['.html'] ?? '',
    body: page.replaceAll(noncePlace, nonce).replace(knownPlace, isKnown ? 'yes' : 'no'),
    headers,
  }
}

/** Whoever navigates gets the page, whose own router knows the rest; a program that asks elsewhere learns that it erred. */
const navigates = (path: string, { accept = '' }: IncomingHttpHeaders): boolean =>
  path === '/' || (accept.includes('text/html') && !path.startsWith('/assets/'))

export interface DashboardWishes {
  readonly folder?: string
  /** Nobody has to sign in to this server. */
  readonly isOpen?: boolean
}

/** Everything is read once, into memory; null when nothing was built. */
export const readDashboard = ({ folder = builtFolder, isOpen = false }: DashboardWishes = {}): Dashboard | null => {
  if (readStamp(folder) === null) return null
  const files = readFiles(folder)
  const page = files.get('/index.html')?.plain.toString('utf8')
  if (page === undefined) throw new Error(`${folder} has no index.html although ${stampFile} is there: build it again`)
  return ({ path, headers }) => {
    const file = path === '/index.html' ? undefined : files.get(path)
    if (file !== undefined) return fileReply(file, path, headers)
    return navigates(path, headers) ? pageReply(page, isOpen || mayBeSignedIn(headers)) : null
  }
}
