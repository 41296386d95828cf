// Folders as archives whose bytes depend on nothing but the files: names sorted, one time, no owner.
// What lies in the folder is layout.ts.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, lutimesSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** The time of every file in a package, in seconds; the custom of reproducible builds names another. */
export const epochSeconds = Number(process.env['SOURCE_DATE_EPOCH'] ?? Date.UTC(2026, 0, 1) / 1000)

/** Told what has gone into the archive so far; the archive itself grows unevenly. */
export type Progress = (bytes: number) => void

export interface Packing {
  /** For trying: quick, and larger than what is handed out. */
  readonly isQuick: boolean
  readonly progress: Progress
}

const environment = { ...process.env, LC_ALL: 'C', TZ: 'UTC', XZ_OPT: '', XZ_DEFAULTS: '' }

const metered = (progress: Progress): Transform => {
  let bytes = 0
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      bytes += piece.length
      progress(bytes)
      done(null, piece)
    },
  })
}

const start = (program: string, args: readonly string[]) => {
  const child = spawn(program, args, { env: environment, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(`${program} ended with ${code}`)
  })
  return { child, ended }
}

/** One thread: with more, the bytes depend on how many there are. */
const xzArguments = (isQuick: boolean): readonly string[] => [isQuick ? '-0' : '-6', '-T1', '-c']

const tarArguments = (folder: string): readonly string[] => [
  '--format=ustar',
  '--sort=name',
  `--mtime=@${epochSeconds}`,
  '--owner=0',
  '--group=0',
  '--numeric-owner',
  '-C',
  dirname(folder),
  '-cf',
  '-',
  basename(folder),
]

export const packTarXz = async (folder: string, path: string, { isQuick, progress }: Packing): Promise<void> => {
  const tar = start('tar', tarArguments(folder))
  tar.child.stdin.end()
  const xz = start('xz', xzArguments(isQuick))
  await Promise.all([
    pipeline(tar.child.stdout, metered(progress), xz.child.stdin),
    pipeline(xz.child.stdout, createWriteStream(path)),
    tar.ended,
    xz.ended,
  ])
}

/** Every file below a folder, sorted, with its path from there. */
export const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted()

/** Gives everything below a folder the one time that packages know. */
export const settleTimes = (folder: string): void => {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    lutimesSync(join(folder, name), epochSeconds, epochSeconds)
}

export const packZip = (folder: string, path: string, { isQuick, progress }: Packing): void => {
  const parent = dirname(folder)
  settleTimes(folder)
  const names = filesBelow(folder).map((name) => join(basename(folder), name))
  const ended = spawnSync('zip', ['-X', '-q', isQuick ? '-1' : '-9', path, '-@'], {
    cwd: parent,
    env: environment,
    input: names.join('\n'),
    encoding: 'utf8',
  })
  if (ended.status !== 0) throw new Error(`zip: ${ended.error?.message ?? `${ended.stdout}${ended.stderr}`.trim()}`)
  progress(names.reduce((bytes, name) => bytes + statSync(join(parent, name)).size, 0))
}
