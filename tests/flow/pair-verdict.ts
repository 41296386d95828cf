// What is wrong with what operators are shown of a machine, beside what is on its disk and what it told: nothing may be
// lost, and nothing there twice. How it came to be told is pair.ts.
import type { Client } from '@muster/http/client'
import { readChanges, readFindings, readInventory, readTold, type Told } from './pair-readings.ts'

const surface = 'javascriptPackages'
const ofPresent = { triggers: ['present'], match: 'fieldContainsAny', field: 'name', severity: 'critical' }

const asRule = <Told extends { readonly id: string }>(told: Told) => ({
  ...told,
  surface,
  title: told.id,
  rationale: 'A test asked for it.',
})

/** Hits what is there, if it is called like that. */
export const ruleAgainst = (id: string, name: string) => asRule({ id, ...ofPresent, values: [name] })

/** One rule for whatever comes to be there, and one against what is called bad. */
export const rules = [
  asRule({ id: 'pair.added', triggers: ['added'], match: 'always', severity: 'info' }),
  ruleAgainst('pair.present', 'bad-'),
]

const counted = (texts: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return counts
}

const difference = (what: string, wanted: readonly string[], found: readonly string[]): readonly string[] => {
  const [wantedCounts, foundCounts] = [counted(wanted), counted(found)]
  return [...new Set([...wanted, ...found])]
    .filter((text) => wantedCounts.get(text) !== foundCounts.get(text))
    .map((text) => `${what} ${text}: ${foundCounts.get(text) ?? 0} times instead of ${wantedCounts.get(text) ?? 0}`)
}

/** Every number of one life of the machine's memory, each once, and every event under an id of its own. */
const judgeNumbers = (told: readonly Told[]): readonly string[] => [
  ...difference(
    'sequence',
    told.map((_, at) => `1/${at + 1}`),
    told.map(({ event }) => `${event.epoch}/${event.localSequence}`),
  ),
  ...[...counted(told.map(({ event }) => event.eventId))].flatMap(([id, times]) =>
    times === 1 ? [] : [`${id} is twice`],
  ),
]

/** What the events say, one item after the other: what came to be there, and what was only told again. */
interface Story {
  readonly news: readonly Told[]
  readonly hits: readonly string[]
  readonly faults: readonly string[]
}

const tell = (told: readonly Told[]): Story => {
  const present = new Set<string>()
  const news: Told[] = []
  const hits: string[] = []
  const faults: string[] = []
  const firstMs = Math.min(...told.map(({ event }) => Date.parse(event.collectedAt)))
  for (const one of told) {
    if (one.said.body === 'finding') continue
    const { itemId, name } = one.said.item
    const { kind, collectedAt, localSequence } = one.event
    const isThere = present.has(itemId)
    if (kind === 'removed' ? !isThere : kind !== 'added') faults.push(`event ${localSequence} is ${kind} of ${itemId}`)
    if (kind === 'removed') present.delete(itemId)
    else present.add(itemId)
    if (kind !== 'removed' && isThere) continue
    const isBaseline = Date.parse(collectedAt) === firstMs
    if (!isBaseline) news.push(one)
    if (kind === 'added' && !isBaseline) hits.push(`pair.added of ${itemId}`)
    if (kind === 'added' && name.startsWith('bad-')) hits.push(`pair.present of ${itemId}`)
  }
  return { news, hits, faults }
}

/** Nothing was asked for a second time, so nothing that is there was told again. */
const judgeRepeats = (told: readonly Told[], { news }: Story, mayRepeat: boolean): readonly string[] => {
  const firstMs = Math.min(...told.map(({ event }) => Date.parse(event.collectedAt)))
  const items = told.filter(({ said, event }) => said.body !== 'finding' && Date.parse(event.collectedAt) !== firstMs)
  return mayRepeat || items.length === news.length
    ? []
    : [`${items.length - news.length} events tell of what was there already`]
}

/** A fault comes as a thousand of its kind; the first of each say enough. */
const mostOfAKind = 5

const firstOfEach = (faults: readonly string[]): readonly string[] =>
  [...Map.groupBy(faults, (fault) => fault.split(' ')[0])].flatMap(([, alike]) =>
    alike.length > mostOfAKind ? [...alike.slice(0, mostOfAKind), `and ${alike.length - mostOfAKind} more`] : alike,
  )

/** Empty when the server shows what is on the disk, and how it came to be there, once. */
export const findFaults = async (
  owner: Client,
  deviceId: string,
  { onDisk, mayRepeat = false }: { readonly onDisk: readonly string[]; readonly mayRepeat?: boolean },
): Promise<readonly string[]> => {
  const told = await readTold(owner, deviceId)
  const story = tell(told)
  const findings = await readFindings(owner, deviceId)
  const changes = await readChanges(owner, deviceId)
  return firstOfEach([
    ...difference('item', onDisk, await readInventory(owner, deviceId)),
    ...judgeNumbers(told),
    ...story.faults,
    ...judgeRepeats(told, story, mayRepeat),
    ...difference(
      'hit',
      story.hits,
      told.flatMap(({ said: { ...said } }) =>
        said.body === 'finding' ? [`${said.finding.ruleId} of ${said.finding.itemId}`] : [],
      ),
    ),
    ...difference(
      'finding',
      story.hits,
      findings.flatMap(({ ruleId, itemId, count }) => Array<string>(count).fill(`${ruleId} of ${itemId}`)),
    ),
    ...difference(
      'change',
      story.news.map(({ event }) => event.eventId),
      changes.map(({ eventId }) => eventId),
    ),
  ])
}
