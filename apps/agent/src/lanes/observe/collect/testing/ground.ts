// What the collectors' tests share: files in a scratch folder, and a walk over it.
// The product never imports it.
import { mkdirSync, mkdtempSync, realpathSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { PayloadItem } from '@muster/contract'
import { discoveryBudget } from '../discover.ts'
import type { ProjectWalk } from '../package-files.ts'
import type { PackageReading } from '../reading.ts'
import type { Snapshot } from '../snapshot.ts'

const anHourMs = 3_600_000

/** A folder with these files, written an hour ago as far as their times tell. */
export const groundWith = (files: Readonly<Record<string, string | Uint8Array>>): string => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'muster-agent-collect-')))
  for (const [path, content] of Object.entries(files)) put(join(root, path), content)
  return root
}

export const put = (path: string, content: string | Uint8Array): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  const then = new Date(Date.now() - anHourMs)
  utimesSync(path, then, then)
}

export const walkOver = (root: string): ProjectWalk => ({
  roots: [root],
  scanRoots: [root],
  maxDepth: 5,
  excludeDirectories: ['node_modules'],
  budget: discoveryBudget,
})

export const never = new AbortController().signal

/** `name@version` and the detail, for tables of what a reader should find. */
export const toldBy = (reading: PackageReading): readonly string[] => {
  if (!reading.ok) return [`! ${reading.reason}`]
  const odd = reading.oddEntries > 0 ? [`! ${reading.oddEntries} odd`] : []
  return [
    ...reading.packages.map(({ name, version, detail }) => `${name}@${version ?? ''}${detail ? ` ${detail}` : ''}`),
    ...odd,
  ]
}

/** The items as plain objects, as they look to whoever reads them field by field. */
export const plain = ({ items }: Pick<Snapshot, 'items'>): readonly PayloadItem[] =>
  JSON.parse(JSON.stringify(items)) as readonly PayloadItem[]
