// A whole answer, taken away: every device with its verdict and all of its evidence, read while it is sent.
// That it was taken is recorded before the first line; what a line looks like is the contract's.
import {
  type AuditStatement,
  type exportInventory,
  type SearchExportLine,
  type SearchHit,
  type SearchSummary,
  VERDICTS,
} from '@muster/contract'
import type { Said } from '@muster/http'
import { byOperator, type KnownOperator } from '@muster/identity'
import { ok, type Result, toIso } from '@muster/kernel'
import { readBy } from '../masking/mask.ts'
import { loadHits } from './hits.ts'
import { type ExposureNeeds, listedNos, type Survey, summarise, takeSurvey } from './survey.ts'

type Asked = Said<typeof exportInventory, KnownOperator>

const devicesPerRead = 100
const evidencePerRead = 5000

/** The counts are of the moment the export began; each device is told as it is when it is reached, and says when. */
export const beginExport = async (
  needs: ExposureNeeds,
  said: Asked,
): Promise<Result<AsyncGenerator<SearchExportLine>, 'request_malformed'>> => {
  const taken = await takeSurvey(needs, said.speaker, said.body)
  if (!taken.ok) return taken
  const summary = await summarise(needs, taken.value)
  await needs.storage.write((tx) => needs.audit(tx, [statementOf(said, taken.value, summary)]))
  return ok(linesOf(needs, said.speaker, taken.value, summary, listedNos(taken.value, said.body.verdicts ?? VERDICTS)))
}

const statementOf = (
  said: Asked,
  { bounds: { tenantId }, nowMs }: Survey,
  { verdicts }: SearchSummary,
): AuditStatement => {
  const { actor, requestId } = byOperator(said.speaker, said.ip, said.requestId)
  return {
    tenantId,
    occurredAt: toIso(nowMs),
    actor,
    action: 'inventory.exported',
    target: { type: 'inventory', id: tenantId },
    outcome: 'success',
    requestId,
    details: { ...said.query, asked: said.body, verdicts },
  }
}

async function* linesOf(
  needs: ExposureNeeds,
  speaker: KnownOperator,
  survey: Survey,
  summary: SearchSummary,
  listed: readonly number[],
): AsyncGenerator<SearchExportLine> {
  yield { record: 'answer', exportedAt: toIso(survey.nowMs), ...summary }
  for (let at = 0; at < listed.length; at += devicesPerRead) {
    for await (const { hit, asOf } of hitsOf(needs, survey, listed.slice(at, at + devicesPerRead)))
      yield { record: 'device', asOf, ...readBy(speaker, hit) }
  }
}

/** Where so many devices have more evidence than is read at once, fewer are asked about; one alone is read whole. */
async function* hitsOf(
  needs: ExposureNeeds,
  survey: Survey,
  deviceNos: readonly number[],
): AsyncGenerator<{ hit: SearchHit; asOf: string }> {
  const most = deviceNos.length === 1 ? Number.MAX_SAFE_INTEGER : evidencePerRead
  const readMs = needs.clock.nowMs()
  const { hits, isCut } = await loadHits(needs, survey, deviceNos, { most, withEvents: false })
  if (!isCut) {
    // Who had nothing to show was judged when the export began, and shows nothing that could say otherwise.
    for (const hit of hits) yield { hit, asOf: toIso(hit.intervals.length === 0 ? survey.nowMs : readMs) }
    return
  }
  const half = Math.ceil(deviceNos.length / 2)
  yield* hitsOf(needs, survey, deviceNos.slice(0, half))
  yield* hitsOf(needs, survey, deviceNos.slice(half))
}
