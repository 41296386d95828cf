// Search over history: which machines have, or had, a package between two moments, and which could not say.
// A page of the answer is given here, the whole of it by export.ts; how it comes about is survey.ts.
import { type BodyOf, exportInventory, type ReplyOf, searchInventory } from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { KnownOperator } from '@muster/identity'
import { cutPage, ok, type Result, readPage, refuse } from '@muster/kernel'
import { readBy } from '../masking/mask.ts'
import { MATCHED_VERDICTS } from './decide.ts'
import { beginExport } from './export.ts'
import { loadHits } from './hits.ts'
import { type ExposureNeeds, listedNos, summarise, takeSurvey } from './survey.ts'

export const serveExposure = (needs: ExposureNeeds): readonly Served<KnownOperator>[] => [
  serve<typeof searchInventory, KnownOperator>(searchInventory, ({ speaker, body }) => answer(needs, speaker, body)),
  serve<typeof exportInventory, KnownOperator>(exportInventory, (said) => beginExport(needs, said)),
]

/** At most this many intervals are shown for the devices of one page. */
const intervalsPerPage = 5000

/** Events lie in packs that have to be looked through, so fewer devices and intervals are answered with them. */
const mostWithEvents = { devices: 50, intervals: 1000 }

const answer = async (
  needs: ExposureNeeds,
  speaker: KnownOperator,
  asked: BodyOf<typeof searchInventory>,
): Promise<Result<ReplyOf<typeof searchInventory>, 'request_malformed'>> => {
  if (asked.events === true && (asked.limit ?? 0) > mostWithEvents.devices)
    return refuse('request_malformed', `Ask for at most ${mostWithEvents.devices} devices at once with their events.`)
  const page = readPage({ cursor: asked.cursor, limit: asked.limit?.toString() }, ['number'])
  if (!page.ok) return page
  const taken = await takeSurvey(needs, speaker, asked)
  if (!taken.ok) return taken
  const { limit, after } = page.value
  const listed = listedNos(taken.value, asked.verdicts ?? MATCHED_VERDICTS).filter((no) => no > (after?.[0] ?? 0))
  const { rows: shownNos, nextCursor } = cutPage(listed, limit, (no) => [no])
  const { hits } = await loadHits(needs, taken.value, shownNos, {
    most: asked.events === true ? mostWithEvents.intervals : intervalsPerPage,
    withEvents: asked.events === true,
  })
  return ok({
    items: readBy(speaker, [...hits]),
    nextCursor,
    ...(await summarise(needs, taken.value)),
  })
}
