// Who may import whom, and through which door.
// Facts come from checkout.ts; what a pure rule may import is purity.ts's business.
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path/posix'
import type { Room } from './checkout.ts'
import type { Import, Source } from './source.ts'

// Imports go from a higher storey to a lower one, never sideways; a room is found by the longest folder that fits.
const storeys: readonly (readonly [folder: string, storey: number])[] = [
  ['kernel', 0],
  ['contract', 1],
  ['edges', 2],
  ['identity', 3],
  ['ledger', 3],
  ['planes', 4],
  // The server hands out the dashboard, which speaks to it over the wire only.
  ['apps/web', 4],
  ['apps', 5],
  ['tests', 6],
  ['bench', 6],
  ['scripts', 6],
]

export const storeyOf = (folder: string): number | undefined =>
  storeys.find(([prefix]) => folder === prefix || folder.startsWith(`${prefix}/`))?.[1]

const within = (path: string, folder: string): boolean => path.startsWith(`${folder}/`)

export const roomOf = (path: string, rooms: readonly Room[]): Room | undefined =>
  rooms.find((room) => within(path, room.folder))

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

const judgeRelative = (path: string, specifier: string, from: Room): string | null => {
  const target = join(dirname(path), specifier)
  return within(target, from.folder) ? null : `goes through the wall to ${target}; import the package instead`
}

const judgeRoom = (specifier: string, from: Room, to: Room): string | null => {
  if (from === to) return 'imports its own room through the door; use a relative path'
  const fromStorey = storeyOf(from.folder)
  const toStorey = storeyOf(to.folder)
  if (fromStorey === undefined || toStorey === undefined || toStorey >= fromStorey)
    return `${from.folder} may not import ${to.folder}: imports go down only`
  const door = specifier === to.name ? '.' : `.${specifier.slice(to.name.length)}`
  return door in to.exports ? null : `${specifier} is not a door of ${to.folder}: its exports are its only doors`
}

const judgePackage = (
  name: string,
  from: Room,
  shared: Readonly<Record<string, string>>,
  typeOnly: boolean,
): string | null => {
  const declared = name in from.dependencies || name in from.devDependencies || name in shared
  const types = typeOnly && `@types/${name}` in shared
  return declared || types ? null : `${name} is not declared in ${from.folder}/package.json`
}

const judge = (
  path: string,
  said: Import,
  from: Room,
  rooms: readonly Room[],
  shared: Room['dependencies'],
): string | null => {
  const { specifier, typeOnly } = said
  if (specifier.startsWith('.')) return judgeRelative(path, specifier, from)
  if (specifier.startsWith('node:')) return null
  if (isBuiltin(specifier)) return `${specifier} must be written node:${specifier}`
  const name = packageOf(specifier)
  const to = rooms.find((room) => room.name === name)
  return (to === undefined ? null : judgeRoom(specifier, from, to)) ?? judgePackage(name, from, shared, typeOnly)
}

/** Complaints about the imports of files in rooms; `shared` is what the root declares for all of them. */
export const checkDoors = (
  sources: readonly Source[],
  rooms: readonly Room[],
  shared: Room['dependencies'],
): readonly string[] =>
  sources.flatMap((source) => {
    const from = roomOf(source.path, rooms)
    if (from === undefined) return []
    return source.imports.flatMap((said) => {
      const complaint = judge(source.path, said, from, rooms, shared)
      return complaint === null ? [] : [`${source.path}:${said.line} ${complaint}`]
    })
  })

// Only edges and apps touch the world; what a plane needs of it comes in as a parameter.
const worldly =
  /^(node:(fs|fs\/promises|net|http|https|http2|tls|dgram|dns|dns\/promises|child_process|cluster|sqlite)|fastify|postgres)$/
const unworldly: ReadonlySet<string> = new Set(['isIP', 'isIPv4', 'isIPv6', 'SocketAddress', 'BlockList'])

// Private keys are files that nobody but identity should have in hands, so identity reads them itself.
const excused: ReadonlySet<string> = new Set([
  'identity/src/private-file.ts',
  'identity/src/authority/server-certificate.ts',
])

const isInnerCode = (path: string): boolean =>
  /^(kernel|contract|identity|ledger|planes\/[^/]+)\/src\//.test(path) &&
  !/\.(test|fixture)\.ts$|\/testing\//.test(path) &&
  !excused.has(path)

const isWorldly = ({ specifier, names, typeOnly }: Import): boolean =>
  !typeOnly && worldly.test(specifier) && (names.length === 0 || names.some((name) => !unworldly.has(name)))

/** Complaints about files outside edges and apps that reach for a socket, a disk or a queue. */
export const checkWorld = (sources: readonly Source[]): readonly string[] =>
  sources
    .filter(({ path }) => isInnerCode(path))
    .flatMap(({ path, imports }) =>
      imports
        .filter(isWorldly)
        .map(
          ({ specifier, line }) =>
            `${path}:${line} imports ${specifier}: only edges and apps touch a socket, a disk or a queue`,
        ),
    )

/** Complaints about rooms whose declared doors are not on the disk, or that stand on no storey. */
export const checkRooms = (rooms: readonly Room[], files: readonly string[]): readonly string[] =>
  rooms.flatMap((room) => [
    ...(storeyOf(room.folder) === undefined ? [`${room.folder} has no place in the order of rooms`] : []),
    ...Object.entries(room.exports)
      .map(([door, file]) => ({ door, file: join(room.folder, file) }))
      .filter(({ file }) => !files.includes(file))
      .map(({ door, file }) => `${room.folder} exports ${door} from ${file}, which does not exist`),
  ])
