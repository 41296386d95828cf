// Notes every path that a program asks the disk for from now on, and where it really leads: links are what Node's own
// permission model lets pass. The product never imports it.
import { subscribe } from 'node:diagnostics_channel'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Touch {
  /** The function that was called, such as `open` or `lstatSync`. */
  readonly call: string
  readonly path: string
  /** Without a link in it, but for the last name where the call asks of the link itself. */
  readonly real: string
}

export interface Touches {
  readonly touches: readonly Touch[]
  /** Paths that Node's permission model was asked for, by any function; only where it audits. */
  readonly audited: ReadonlySet<string>
}

const realpath = fs.realpathSync.native

const whereLeads = (path: string): string => {
  try {
    return realpath(path)
  } catch {
    const above = dirname(path)
    return above === path ? path : join(whereLeads(above), basename(path))
  }
}

/** These ask of a link and not of what is behind it. */
const asksOfLinks = /^(?:lstat|readlink|realpath|lutimes)/

const pathIn = (said: unknown): string | null => {
  if (said instanceof URL) return fileURLToPath(said)
  return typeof said === 'string' || Buffer.isBuffer(said) ? String(said) : null
}

type Call = (...said: readonly unknown[]) => unknown
type Calls = Record<string, Call>

/** To be called before anything that imports SQLite, whose names cannot be exchanged afterwards. */
export const noteTouches = (): Touches => {
  const touches: Touch[] = []
  const audited = new Set<string>()
  let isNoting = false
  const note = (call: string, said: unknown): void => {
    const path = pathIn(said)
    if (path === null || isNoting) return
    isNoting = true
    const real = asksOfLinks.test(call) ? join(whereLeads(dirname(path)), basename(path)) : whereLeads(path)
    touches.push({ call, path, real })
    isNoting = false
  }
  subscribe('node:permission-model:fs', (message) => {
    if (!isNoting) audited.add(String((message as { resource: unknown }).resource))
  })
  const wrapAll = (calls: Calls): void => {
    for (const [name, call] of Object.entries(calls)) {
      if (typeof call !== 'function' || !/^[a-z]/.test(name)) continue
      const noted = function (this: unknown, ...said: readonly unknown[]): unknown {
        note(name, said[0])
        return Reflect.apply(call, this, said)
      }
      calls[name] = Object.assign(noted, call)
    }
  }
  wrapAll(fs as unknown as Calls)
  wrapAll(fs.promises as unknown as Calls)
  syncBuiltinESMExports()
  const sqlite = process.getBuiltinModule('node:sqlite')
  sqlite.DatabaseSync = class extends sqlite.DatabaseSync {
    constructor(...said: ConstructorParameters<typeof sqlite.DatabaseSync>) {
      note('DatabaseSync', said[0])
      super(...said)
    }
  }
  return { touches, audited }
}
