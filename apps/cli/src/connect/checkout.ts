// What `npm run up` leaves in a checkout, so that `muster` works there without being told anything.
// Whether it counts is decided in decide.ts.
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Secret } from '@muster/kernel'
import { type Context, defaultUrl } from './decide.ts'

const read = (file: string): Promise<string | null> => readFile(file, 'utf8').catch(() => null)

/** Where the server of that data folder says it listens; where it listens unless told, when it says nothing. */
const urlOf = (running: string | null): string => {
  try {
    const { api } = JSON.parse(running ?? '{}') as { api?: { url?: unknown } }
    return typeof api?.url === 'string' ? api.url : defaultUrl
  } catch {
    return defaultUrl // a file half written by a server that is just starting
  }
}

/** Walks up from a folder to the checkout it lies in; null outside of one, or when nothing was started there. */
export const findCheckout = async (folder: string): Promise<Context | null> => {
  for (let at = folder; ; at = dirname(at)) {
    const token = (await read(join(at, '.muster', 'admin-token')))?.trim() ?? ''
    if (token !== '' && (await read(join(at, 'package.json'))) !== null)
      return { url: urlOf(await read(join(at, '.muster', 'running.json'))), token: new Secret(token) }
    if (dirname(at) === at) return null
  }
}
