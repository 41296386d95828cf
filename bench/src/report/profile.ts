// Where the time of a profiled server went: by function, thread by thread, within one stretch of time.
// The profiles are Node's own; what to do about them is for readers.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Window } from '../harness/measure.ts'

interface Frame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
}

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame; readonly children?: readonly number[] }[]
  readonly startTime: number
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

export interface Spent {
  readonly name: string
  readonly ms: number
}

export interface ThreadProfile {
  /** 0 is the main thread. */
  readonly thread: string
  readonly busyMs: number
  /** In the function itself. */
  readonly own: readonly Spent[]
  /** In the function and in what it called, for functions of this house. */
  readonly whole: readonly Spent[]
}

const rooms = /^.*\/(?=(?:node_modules|apps|edges|planes|identity|ledger|contract|kernel)\/)/

const nameOf = ({ functionName, url, lineNumber }: Frame): string => {
  const name = functionName === '' ? '(anonymous)' : functionName
  return url === '' ? name : `${name} ${url.replace(rooms, '')}:${lineNumber + 1}`
}

const isOurs = (name: string): boolean => / (?:apps|edges|planes|identity|ledger|contract|kernel)\//.test(name)

/** Milliseconds of each node of the call tree, within the window. */
const nodeTimes = ({ startTime, samples, timeDeltas }: Profile, window: Window): ReadonlyMap<number, number> => {
  const times = new Map<number, number>()
  let atUs = startTime
  for (const [index, id] of samples.entries()) {
    const spentUs = timeDeltas[index] ?? 0
    atUs += spentUs
    if (atUs >= window.fromUs && atUs <= window.throughUs) times.set(id, (times.get(id) ?? 0) + spentUs / 1000)
  }
  return times
}

const add = (sums: Map<string, number>, name: string, ms: number): void => {
  sums.set(name, (sums.get(name) ?? 0) + ms)
}

const sumTree = (profile: Profile, times: ReadonlyMap<number, number>) => {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const own = new Map<string, number>()
  const whole = new Map<string, number>()
  const walk = (id: number, callers: ReadonlySet<string>): number => {
    const node = nodes.get(id) as Profile['nodes'][number]
    const name = nameOf(node.callFrame)
    const inside = new Set(callers).add(name)
    const ownMs = times.get(id) ?? 0
    const wholeMs = (node.children ?? []).reduce((sum, child) => sum + walk(child, inside), ownMs)
    add(own, name, ownMs)
    // A function that calls itself is counted once, where it was called first.
    if (!callers.has(name) && isOurs(name)) add(whole, name, wholeMs)
    return wholeMs
  }
  if (profile.nodes[0] !== undefined) walk(profile.nodes[0].id, new Set())
  own.delete('(idle)')
  return { own, whole }
}

const most = (sums: ReadonlyMap<string, number>, count: number): readonly Spent[] =>
  [...sums]
    .map(([name, ms]) => ({ name, ms }))
    .toSorted((left, right) => right.ms - left.ms)
    .slice(0, count)

const readThread = (file: string, window: Window, count: number): ThreadProfile => {
  const profile = JSON.parse(readFileSync(file, 'utf8')) as Profile
  const { own, whole } = sumTree(profile, nodeTimes(profile, window))
  const busyMs = [...own.values()].reduce((sum, ms) => sum + ms, 0)
  const thread = /\.(\d+)\.\d+\.cpuprofile$/.exec(file)?.[1] ?? '?'
  return { thread, busyMs, own: most(own, count), whole: most(whole, count) }
}

/** Every thread that did something in the window, the busiest first. */
export const readProfiles = (folder: string, window: Window, count = 20): readonly ThreadProfile[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => readThread(join(folder, name), window, count))
    .filter(({ busyMs }) => busyMs >= 10)
    .toSorted((left, right) => right.busyMs - left.busyMs)

const listed = (title: string, spent: readonly Spent[], busyMs: number): readonly string[] => [
  `  ${title}`,
  ...spent.map(({ name, ms }) => `    ${((ms / busyMs) * 100).toFixed(1).padStart(5)} %  ${name}`),
]

export const showProfiles = (threads: readonly ThreadProfile[]): string =>
  threads
    .flatMap(({ thread, busyMs, own, whole }) => [
      `thread ${thread}, busy ${busyMs.toFixed(0)} ms`,
      ...listed('in the function itself', own, busyMs),
      ...listed('with what it called', whole, busyMs),
    ])
    .join('\n')
