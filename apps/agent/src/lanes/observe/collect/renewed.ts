// What a walk would find after some files changed, told from what it found before and those files alone.
// Events tell of them; whatever they do not tell of is found by the next walk.
import { lstatSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { type Discovery, type FoundFile, inOrderOfPaths, type WalkOrder } from './discover.ts'

type Order = Pick<WalkOrder, 'isWanted' | 'budget'>

const isAt = (path: string, { directory, name }: FoundFile): boolean =>
  name === basename(path) && directory === dirname(path)

/** The file as a walk would note it, null when none is there; throws when that cannot be told. */
const lookAt = (path: string, beside: FoundFile): FoundFile | null => {
  const state = lstatSync(path, { throwIfNoEntry: false })
  if (state === undefined || !(state.isFile() || state.isSymbolicLink())) return null
  return { ...beside, name: basename(path), isLink: state.isSymbolicLink() }
}

/**
 * Null when only a walk can tell: a file in a folder in which none was found before, a folder that is waited for, a
 * budget that was or would be spent.
 */
export const renewed = (before: Discovery, touched: ReadonlySet<string>, order: Order): Discovery | null => {
  if (before.unseen.length > 0) return null
  let files = before.files
  try {
    for (const path of touched) {
      if (!order.isWanted(basename(path))) continue
      const beside = before.files.find((file) => file.directory === dirname(path))
      if (beside?.isNear !== true) return null
      const held = files.find((file) => isAt(path, file))
      const now = lookAt(path, beside)
      if (held?.isLink === now?.isLink) continue
      const others = files.filter((file) => file !== held)
      files = now === null ? others : inOrderOfPaths([...others, now])
    }
  } catch {
    return null
  }
  return files.length > order.budget.maxFiles ? null : { ...before, files }
}
