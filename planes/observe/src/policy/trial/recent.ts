// The last 30 days told again under other rules: which findings the changes of that time would have made, and which of the
// findings that were made would not have been (fleet-product 6.6). Page by page; what is too much is said to be cut.
import { type FindingEvidence, type FindingsLeft, type RecentTrial, type Rule, ruleKey } from '@muster/contract'
import { toIso } from '@muster/kernel'
import type { Db } from '@muster/storage'
import { findPlaces } from '../../inventory/places.ts'
import {
  type Candidate,
  countMatch,
  decideCandidates,
  mostSamples,
  newTally,
  type StoredContent,
  type Tally,
  type TriedRule,
} from './decide.ts'
import { type Change, isSetOff, rulesForChanges, wouldMake } from './decide-recent.ts'
import {
  type FindingRow,
  loadArrivals,
  loadContentNos,
  loadContentsOf,
  loadDepartures,
  loadMade,
  type Since,
} from './recent-store.ts'
import { showTally, type TrialGround } from './show.ts'
import { loadPaths } from './store.ts'

const dayMs = 24 * 3600 * 1000
export const recentDays = 30

/** Each is looked at, and each item that a rule finds is remembered so that it counts once. */
const mostChanges = 200_000
const mostFindings = 100_000
/** Contents are judged once; so many are remembered. */
const mostJudged = 20_000

type Rules = ReadonlyMap<string, readonly TriedRule[]>

/** The candidates among contents that were not judged before. */
const judge = async (
  db: Db,
  rules: Rules,
  judged: Map<number, Candidate | null>,
  changes: readonly Change[],
): Promise<void> => {
  if (judged.size > mostJudged) judged.clear()
  const strange = [...new Set(changes.map(({ contentNo }) => contentNo))].filter((no) => !judged.has(no))
  for (const no of strange) judged.set(no, null)
  const contents = await loadContentsOf(db, strange)
  for (const candidate of decideCandidates([...contents.values()], rules))
    judged.set(candidate.content.contentNo, candidate)
}

interface Telling {
  readonly ground: TrialGround
  readonly rules: Rules
  readonly tally: Tally
  readonly judged: Map<number, Candidate | null>
  /** What was found already: rule, device, path and label. */
  readonly counted: Set<string>
}

const countChanges = async (telling: Telling, changes: readonly Change[]): Promise<void> => {
  const { ground, rules, tally, judged, counted } = telling
  await judge(ground.db, rules, judged, changes)
  const found = changes.flatMap((change) => {
    const candidate = judged.get(change.contentNo)
    if (candidate === undefined || candidate === null) return []
    const setOff = candidate.rules.filter(({ rule }) => isSetOff(rule, change))
    return setOff.length === 0 ? [] : { change, content: candidate.content, setOff }
  })
  const reading = found.filter(({ setOff }) => setOff.some(({ readsPath }) => readsPath))
  const paths = await loadPaths(ground.db, new Set(reading.map(({ change }) => change.pathNo)))
  for (const { change, content, setOff } of found)
    for (const tried of setOff) {
      const { deviceNo, pathNo, labelNo } = change
      if (tried.readsPath && tried.evidence({ ...content, path: paths.get(pathNo) ?? '' }) === null) continue
      const key = `${ruleKey(tried.rule)} ${deviceNo} ${pathNo} ${labelNo}`
      if (counted.has(key)) continue
      counted.add(key)
      countMatch(tally, tried, { content, deviceNo, pathNo })
    }
}

/** False when there was too much. */
const countAll = async (telling: Telling, since: Since): Promise<boolean> => {
  const { ground, rules } = telling
  if (rules.size === 0 || ground.deviceNos.length === 0) return true
  const reached = new Set(ground.deviceNos)
  const ordered = ground.deviceNos.toSorted((left, right) => left - right)
  let left = mostChanges
  for (const pages of [loadArrivals(ground.db, since, ordered), loadDepartures(ground.db, since)])
    for await (const page of pages) {
      await countChanges(
        telling,
        page.filter(({ deviceNo }) => reached.has(deviceNo)),
      )
      left -= page.length
      if (left < 0) return false
    }
  return true
}

const pathIn = ({ evidence }: FindingRow): string => (JSON.parse(evidence) as FindingEvidence).path ?? ''

/** Those of a page that no rule would have made. */
const decidePage = async (
  { db, tenantId }: TrialGround,
  since: Since,
  rules: Rules,
  rows: readonly FindingRow[],
): Promise<readonly FindingRow[]> => {
  const named = rows.map((row) => ({
    surface: row.surface,
    itemId: row.item_id,
    deviceNo: row.device_no,
    path: pathIn(row),
  }))
  const contentNos = await loadContentNos(db, since, await findPlaces(db, tenantId, named))
  const contents = await loadContentsOf(db, [...new Set(contentNos.flatMap((nos) => [...nos]))])
  return rows.filter((row, at) => {
    const had = [...(contentNos[at] ?? [])].flatMap((no): StoredContent[] => {
      const content = contents.get(no)
      return content === undefined ? [] : [content]
    })
    const { rule_id: ruleId, surface } = row
    return !wouldMake(rules, { ruleId, surface, path: named[at]?.path ?? '', contents: had })
  })
}

const findNotMade = async (
  ground: TrialGround,
  since: Since,
  rules: Rules,
): Promise<{ readonly notMade: FindingsLeft; readonly isAll: boolean }> => {
  const reached = new Set(ground.deviceNos)
  const byRule = new Map<string, FindingsLeft['rules'][number]>()
  const samples: string[] = []
  let looked = 0
  for await (const page of loadMade(ground.db, since)) {
    const rows = page.filter((row) => reached.has(row.device_no))
    for (const { finding_id, rule_id: id, surface } of await decidePage(ground, since, rules, rows)) {
      const key = ruleKey({ id, surface })
      const counted = byRule.get(key) ?? { id, surface, findings: 0 }
      byRule.set(key, counted)
      counted.findings += 1
      if (samples.length < mostSamples) samples.push(finding_id)
    }
    looked += page.length
    if (looked > mostFindings) break
  }
  const counted = [...byRule.values()].toSorted((left, right) => right.findings - left.findings)
  const findings = counted.reduce((sum, rule) => sum + rule.findings, 0)
  return { notMade: { findings, rules: counted, samples }, isAll: looked <= mostFindings }
}

/** Under these rules in place of whatever was in force then. */
export const tellAgain = async (ground: TrialGround, rules: readonly Rule[]): Promise<RecentTrial> => {
  const since = { tenantId: ground.tenantId, sinceMs: ground.nowMs - recentDays * dayMs }
  const tried = rulesForChanges(rules)
  const tally = newTally(tried)
  const isAll = await countAll({ ground, rules: tried, tally, judged: new Map(), counted: new Set() }, since)
  const made = await findNotMade(ground, since, tried)
  return {
    since: toIso(since.sinceMs),
    matches: tally.matches,
    isCut: !(isAll && made.isAll),
    rules: (await showTally(ground, tally)).rules,
    notMade: made.notMade,
  }
}
