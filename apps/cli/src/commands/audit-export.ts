// Taking the audit history away: one JSON object a line, into a file that only its owner reads, checked on the way.
// The server records that it was taken.
import { existsSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { type AuditEntry, fleetRoutes } from '@muster/contract'
import { callLines } from '@muster/http/client'
import { beginCheck, type ChainCheck, checkEntry } from '@muster/ledger/chain'
import { given } from '../ask/argument.ts'
import { pathOf } from '../ask/file.ts'
import type { Session } from '../session.ts'
import { jsonText } from '../show/text.ts'
import { EXIT, type ExitCode, Stop, stopOf } from '../stop.ts'

interface ExportFlags {
  readonly from?: number
  readonly to?: number
  readonly force?: true
}

type Write = (line: string) => Promise<unknown>

/** Writes every entry, and checks the chain meanwhile: what is taken away should be worth keeping. */
const copy = async (session: Session, entries: AsyncIterable<AuditEntry>, write: Write): Promise<ChainCheck> => {
  let check = beginCheck()
  let count = 0
  for await (const entry of entries) {
    check = checkEntry(check, entry)
    await write(`${jsonText(entry)}\n`)
    if (++count % 1000 === 0) await session.print.progress(`${count} so far…`)
  }
  await session.print.progress('')
  return check
}

const copyToFile = async (session: Session, entries: AsyncIterable<AuditEntry>, file: string): Promise<ChainCheck> => {
  const path = pathOf(session.world, file)
  const partial = `${path}.partial`
  try {
    await using target = await open(partial, 'w', 0o600)
    const check = await copy(session, entries, (line) => target.write(line))
    await target.sync()
    await rename(partial, path)
    return check
  } catch (cause) {
    await rm(partial, { force: true })
    if (cause instanceof Error && 'code' in cause && 'path' in cause)
      throw new Stop(EXIT.failure, `cannot write ${file}: ${String(cause.code)}`, { cause })
    throw cause
  }
}

export const exportHistory = async (session: Session, file: string, flags: ExportFlags): Promise<ExitCode> => {
  const { talk, print, world } = session
  if (file !== '-' && flags.force !== true && existsSync(pathOf(world, file)))
    throw new Stop(EXIT.conflict, `${file} exists already; name another file or say --force`)
  const query = given({ from: flags.from?.toString(), to: flags.to?.toString() })
  const reply = await callLines(talk.client, fleetRoutes.exportAudit, { query })
  if (!reply.ok) throw stopOf(reply.refusal)
  const check =
    file === '-' ? await copy(session, reply.value, print.raw) : await copyToFile(session, reply.value, file)
  if (check.bad !== null) {
    await print.note(`The chain breaks at entry ${check.bad.seq}; see \`muster audit verify\`.`, 'bad')
    return EXIT.failure
  }
  await print.note(
    `${check.checked} entries${check.head === null ? '' : `, the last is ${check.head.seq} with hash ${check.head.hash}`}.`,
  )
  return EXIT.ok
}
