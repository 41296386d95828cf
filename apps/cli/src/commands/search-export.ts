// Taking a whole search away: every device with its verdict, the reason where there is none, and all evidence.
// What a search shows at a terminal is search-show.ts; the server records that it was taken.
import {
  fleetRoutes,
  SEARCH_CSV,
  type SearchExportLine,
  type SearchExportRequest,
  type SearchSummary,
  VERDICTS,
} from '@muster/contract'
import { callLines } from '@muster/http/client'
import type { Session } from '../session.ts'
import { copyLines, type ExportFlags, formOf, refuseToReplace, writeExport } from '../show/export.ts'
import { EXIT, Stop, stopOf } from '../stop.ts'
import { noteFound } from './search-show.ts'

const listOf = ({ verdicts }: SearchSummary): string =>
  VERDICTS.map((verdict) => `${verdicts[verdict] ?? 0} ${verdict}`).join(', ')

/** Writes every line, and answers the one that speaks of all. */
const copyAnswer = (
  session: Session,
  lines: AsyncIterable<SearchExportLine>,
  file: string,
  flags: ExportFlags,
): Promise<SearchSummary> =>
  writeExport(session, file, async (write) => {
    const answers: SearchSummary[] = []
    await copyLines(session, lines, formOf(file, flags, SEARCH_CSV), write, (line) => {
      if (line.record === 'answer') answers.push(line)
    })
    const [answer] = answers
    if (answer === undefined) throw new Stop(EXIT.failure, 'the server sent devices and no answer; compare versions')
    return answer
  })

export const exportSearch = async (
  session: Session,
  body: SearchExportRequest,
  file: string,
  flags: ExportFlags,
): Promise<void> => {
  refuseToReplace(session.world, file, flags)
  const reply = await callLines(session.talk.client, fleetRoutes.exportInventory, { query: {}, body })
  if (!reply.ok) throw stopOf(reply.refusal)
  const answer = await copyAnswer(session, reply.value, file, flags)
  await session.print.note(`${listOf(answer)}.`)
  await noteFound(session.print, answer)
}
