// What the rules of a bundle would find at once in the inventory that is stored, and which open findings they would
// leave behind (fleet-product 6.6). Bounded in time and memory: what is too much is counted so far, and said to be cut.
import type { Rule, RuleTrial } from '@muster/contract'
import { ruleKey } from '@muster/contract'
import {
  type Candidate,
  countMatch,
  decideCandidates,
  decideOrphaning,
  type Holding,
  mostSamples,
  newTally,
  rulesToTry,
  type Tally,
  type TriedRule,
} from './decide.ts'
import { tellAgain } from './recent.ts'
import { showTally, type TrialGround } from './show.ts'
import { countOpenFindings, loadContents, loadHoldings, loadPaths, sampleOpenFindings } from './store.ts'

/** Whoever has more matches than this has seen enough, and each has to be looked at. */
const mostHoldings = 300_000
const contentsPerPage = 2000

type Rules = ReadonlyMap<string, readonly TriedRule[]>

const countPage = async (
  { db }: TrialGround,
  reached: ReadonlySet<number>,
  byNo: ReadonlyMap<number, Candidate>,
  holdings: readonly Holding[],
  tally: Tally,
): Promise<void> => {
  const paths = await loadPaths(db, pathsNeeded(byNo, holdings))
  for (const { contentNo, deviceNo, pathNo } of holdings) {
    const candidate = byNo.get(contentNo)
    if (candidate === undefined || !reached.has(deviceNo)) continue
    const { content, rules } = candidate
    for (const tried of rules)
      if (!tried.readsPath || tried.evidence({ ...content, path: paths.get(pathNo) ?? '' }) !== null)
        countMatch(tally, tried, { content, deviceNo, pathNo })
  }
}

const pathsNeeded = (byNo: ReadonlyMap<number, Candidate>, holdings: readonly Holding[]): ReadonlySet<number> => {
  const reading = new Set([...byNo].flatMap(([no, { rules }]) => (rules.some(({ readsPath }) => readsPath) ? no : [])))
  return new Set(holdings.flatMap(({ contentNo, pathNo }) => (reading.has(contentNo) ? pathNo : [])))
}

/** Page after page of what is stored; false when there was too much. */
const tryAll = async (ground: TrialGround, rules: Rules, tally: Tally): Promise<boolean> => {
  const reached = new Set(ground.deviceNos)
  if (rules.size === 0 || reached.size === 0) return true
  const { db, tenantId } = ground
  let left = mostHoldings
  let afterNo = 0
  for (;;) {
    const contents = await loadContents(db, tenantId, [...rules.keys()], afterNo, contentsPerPage)
    const byNo = new Map(decideCandidates(contents, rules).map((candidate) => [candidate.content.contentNo, candidate]))
    for await (const holdings of loadHoldings(db, [...byNo.keys()])) {
      await countPage(ground, reached, byNo, holdings, tally)
      left -= holdings.length
      if (left < 0) return false
    }
    if (contents.length < contentsPerPage) return true
    afterNo = contents.at(-1)?.contentNo ?? afterNo
  }
}

const findOrphans = async (
  { db, tenantId, deviceNos }: TrialGround,
  orphaning: readonly Rule[],
): Promise<RuleTrial['orphaned']> => {
  if (orphaning.length === 0) return { findings: 0, rules: [], samples: [] }
  const keys = new Set(orphaning.map(ruleKey))
  const isOrphan = (row: { readonly rule_id: string; readonly surface: string }): boolean =>
    keys.has(ruleKey({ id: row.rule_id, surface: row.surface }))
  const ruleIds = [...new Set(orphaning.map(({ id }) => id))]
  const counted = (await countOpenFindings(db, tenantId, deviceNos, ruleIds)).filter(isOrphan)
  const rules = counted.map((row) => ({ id: row.rule_id, surface: row.surface, findings: row.findings }))
  // An id may be in use on a surface where its rule stays, so a few more are read than shown.
  const newest = await sampleOpenFindings(db, tenantId, deviceNos, ruleIds, mostSamples * mostSamples)
  return {
    findings: rules.reduce((sum, { findings }) => sum + findings, 0),
    rules,
    samples: newest
      .filter(isOrphan)
      .slice(0, mostSamples)
      .map((row) => row.finding_id),
  }
}

/** As agents on these devices would find once they have the rules in place of those before. */
export const tryRules = async (
  ground: TrialGround,
  before: readonly Rule[],
  after: readonly Rule[],
): Promise<RuleTrial> => {
  const rules = rulesToTry(after)
  const tally = newTally(rules)
  const isAll = await tryAll(ground, rules, tally)
  return {
    matches: tally.matches,
    isCut: !isAll,
    ...(await showTally(ground, tally)),
    orphaned: await findOrphans(ground, decideOrphaning(before, after)),
    recent: await tellAgain(ground, after),
  }
}
