// What is typed of a group as what the API is asked, and the groups as a table; pure.
// Which devices carry a tag is the server's to say.
import type { BodyOf, changeGroup, Group } from '@muster/contract'
import type { CsvTable } from '@muster/contract/csv'

export interface GroupWish {
  readonly name: string
  readonly description: string
  /** Empty for members by id only. */
  readonly tag: string
  /** Ids parted by spaces, commas or lines. */
  readonly added: string
  readonly removed: string
}

export const wishOf = (group: Pick<Group, 'name' | 'description' | 'tag'> | null): GroupWish => ({
  name: group?.name ?? '',
  description: group?.description ?? '',
  tag: group?.tag ?? '',
  added: '',
  removed: '',
})

export const idsOf = (text: string): readonly string[] => [...new Set(text.split(/[\s,]+/).filter((id) => id !== ''))]

export const mostAtOnce = 1000

/** Null when nothing can be made of it yet. */
export const bodyOfWish = ({ name, description, tag, added, removed }: GroupWish) => {
  const [adds, removes] = [idsOf(added), idsOf(removed)]
  if (name.trim() === '' || adds.length > mostAtOnce || removes.length > mostAtOnce) return null
  return {
    name: name.trim(),
    description: description.trim(),
    tag: tag.trim() === '' ? null : tag.trim(),
    ...(adds.length > 0 && { addDeviceIds: [...adds] }),
    ...(removes.length > 0 && { removeDeviceIds: [...removes] }),
  } satisfies BodyOf<typeof changeGroup>
}

export const GROUPS_CSV: CsvTable<Group> = {
  columns: ['id', 'name', 'description', 'tag', 'memberCount', 'createdAt'],
  rowsOf: ({ id, name, description, tag, memberCount, createdAt }) => [
    [id, name, description, tag, memberCount, createdAt],
  ],
}
