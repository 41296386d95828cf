// What is watched for: single paths, and trees that several surfaces look through alike and that are walked once for all.
// Small on purpose, because thousands of folders share it; watching itself is watcher.ts.
import type { SurfaceInterest, WatchPlan } from './decide.ts'

/** Interests in one and the same tree, which is walked once for all of them. */
export interface Tree {
  readonly members: readonly SurfaceInterest[]
  /** Of its folders, by how far down they lie, what those at one depth have in common. */
  readonly levels: Level[]
}

export interface Level {
  readonly tree: Tree
  readonly depth: number
  /** Itself, in a list: all that most of the watched folders need. */
  readonly alone: readonly Level[]
}

/** What is awaited, or watched for, at a path. */
export type Wanted = Tree | SurfaceInterest

export const isTree = (wanted: Wanted): wanted is Tree => 'members' in wanted

export const interestOf = (wanted: Wanted): SurfaceInterest =>
  isTree(wanted) ? (wanted.members[0] as SurfaceInterest) : wanted

export const surfacesOf = (wanted: Wanted): ReadonlySet<string> =>
  new Set((isTree(wanted) ? wanted.members : [wanted]).map(({ surface }) => surface))

export const levelOf = (tree: Tree, depth: number): Level => {
  const known = tree.levels[depth]
  if (known !== undefined) return known
  const alone: Level[] = []
  const level = { tree, depth, alone }
  alone.push(level)
  tree.levels[depth] = level
  return level
}

/** Trees that are walked alike are one. */
export const wantedOf = ({ interests }: WatchPlan): readonly Wanted[] => {
  const alike = Map.groupBy(interests, ({ path, extent, maxDepth, excludeDirectories, surface }) =>
    JSON.stringify(extent === 'tree' ? [path, maxDepth, excludeDirectories] : [path, surface]),
  )
  return [...alike.values()].flatMap((members): readonly Wanted[] =>
    members[0]?.extent === 'tree' ? [{ members, levels: [] }] : members,
  )
}
