// The README's picture of the house must be the disk: the same folders, each with its story.
// Which folders are worth a line is decided here; what a story says is for its author, but for a room's features.

export interface Line {
  /** Such as `edges/http`. */
  readonly folder: string
  readonly story: string
}

// A story may go on in the next lines, where the picture has nothing but its strokes.
const goesOn = /^(?:│ {3}| {4})*[│ ] {8,}(\S.*)$/
const entry = /^((?:│ {3}| {4})*)(?:├──|└──) (\S+)\/(?: +(\S.*))?$/

/** The folders of the first code block that draws a tree, with their stories. */
export const readTree = (markdown: string): readonly Line[] => {
  const block = markdown.split('```').find((text) => text.includes('├──')) ?? ''
  const above: string[] = []
  const lines: Line[] = []
  for (const text of block.split('\n')) {
    const [, indent, name, story] = entry.exec(text) ?? []
    const more = goesOn.exec(text)?.[1]
    const last = lines.at(-1)
    if (name !== undefined) {
      above.splice((indent ?? '').length / 4, above.length, name)
      lines.push({ folder: above.join('/'), story: story ?? '' })
    } else if (more !== undefined && last !== undefined) {
      lines.splice(-1, 1, { ...last, story: `${last.story} ${more}` })
    }
  }
  return lines
}

// Halls hold no code of their own; what stands in them is a room or a shelf, and has a line.
const halls = new Set(['edges', 'planes', 'apps', 'docs', 'tests'])

const deservesLine = (folder: string): boolean => {
  const [top = '', ...rest] = folder.split('/')
  return rest.length === 0 || (rest.length === 1 && halls.has(top))
}

/** Complaints about folders that the picture lacks, that it invents, or that have no story. */
export const checkTree = (lines: readonly Line[], folders: readonly string[]): readonly string[] => {
  const drawn = lines.map((line) => line.folder)
  return [
    ...folders
      .filter(deservesLine)
      .filter((folder) => !drawn.includes(folder))
      .map((folder) => `${folder}/ is on the disk and not in the README's tree`),
    ...drawn
      .filter((folder) => !folders.includes(folder))
      .map((folder) => `${folder}/ is in the README's tree and not on the disk`),
    ...lines.filter(({ story }) => story === '').map(({ folder }) => `${folder}/ has no story in the README's tree`),
  ]
}

const grounds = new Set([...halls, 'kernel', 'contract', 'identity', 'ledger', 'alerts', 'bench', 'deploy', 'scripts'])

const isRoomOfHall = (folder: string): boolean => /^(edges|planes|apps)\/[^/]+$/.test(folder)

/** Complaints about folders that the plan of the house does not know: at the top, or in a hall without being a room. */
export const checkPlan = (folders: readonly string[], rooms: readonly string[]): readonly string[] =>
  folders
    .filter((folder) => (folder.includes('/') ? isRoomOfHall(folder) && !rooms.includes(folder) : !grounds.has(folder)))
    .map((folder) => `${folder}/ is not in the plan of the house; see README.md for where things go`)

// Folders of a room that are no feature: they hold proofs, or data.
const besides = new Set(['testing', 'fixtures', 'generated', 'migrations'])

const wordsOf = (story: string): readonly string[] => story.split(/[^a-z0-9-]+/)

/** Complaints about features, the folders of a room's src, that the story of their room does not name. */
export const checkFeatures = (
  lines: readonly Line[],
  rooms: readonly string[],
  folders: readonly string[],
): readonly string[] =>
  rooms.flatMap((room) => {
    const prefix = `${room}/src/`
    const features = folders.filter((folder) => folder.startsWith(prefix)).map((folder) => folder.slice(prefix.length))
    const words = wordsOf(lines.find((line) => line.folder === room)?.story ?? '')
    return features
      .filter((feature) => !feature.includes('/') && !besides.has(feature) && !words.includes(feature))
      .map((feature) => `${prefix}${feature}/ is not named in the story of ${room}/ in the README's tree`)
  })
