// Taking the audit history away, as lines of JSON or as a table, checked on the way.
// The server records that it was taken.
import { AUDIT_CSV, type AuditEntry, fleetRoutes } from '@muster/contract'
import { callLines } from '@muster/http/client'
import { beginCheck, type ChainCheck, checkEntry } from '@muster/ledger/chain'
import { given } from '../ask/argument.ts'
import type { Session } from '../session.ts'
import { copyLines, type ExportFlags, formOf, refuseToReplace, writeExport } from '../show/export.ts'
import { EXIT, type ExitCode, stopOf } from '../stop.ts'

interface AuditExportFlags extends ExportFlags {
  readonly from?: number
  readonly to?: number
}

/** Writes every entry, and checks the chain meanwhile: what is taken away should be worth keeping. */
const copyChecked = (
  session: Session,
  entries: AsyncIterable<AuditEntry>,
  file: string,
  flags: ExportFlags,
): Promise<ChainCheck> =>
  writeExport(session, file, async (write) => {
    let check = beginCheck()
    await copyLines(session, entries, formOf(file, flags, AUDIT_CSV), write, (entry) => {
      check = checkEntry(check, entry)
    })
    return check
  })

export const exportHistory = async (session: Session, file: string, flags: AuditExportFlags): Promise<ExitCode> => {
  const { talk, print, world } = session
  refuseToReplace(world, file, flags)
  const query = given({ from: flags.from?.toString(), to: flags.to?.toString() })
  const reply = await callLines(talk.client, fleetRoutes.exportAudit, { query })
  if (!reply.ok) throw stopOf(reply.refusal)
  const check = await copyChecked(session, reply.value, file, flags)
  if (check.bad !== null) {
    await print.note(`The chain breaks at entry ${check.bad.seq}; see \`muster audit verify\`.`, 'bad')
    return EXIT.failure
  }
  await print.note(
    `${check.checked} entries${check.head === null ? '' : `, the last is ${check.head.seq} with hash ${check.head.hash}`}.`,
  )
  return EXIT.ok
}
