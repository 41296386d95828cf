// Whether an audit chain holds: asked of the server, or computed here from an export, with no server at all.
// The arithmetic is the ledger's.
import { AUDIT_CSV, type AuditEntry, csvHead, fleetRoutes } from '@muster/contract'
import { beginCheck, type ChainAnchor, type ChainCheck, type ChainFault, checkEntry } from '@muster/ledger/chain'
import { given } from '../ask/argument.ts'
import { readLines } from '../ask/lines.ts'
import { openSession } from '../connect/open-session.ts'
import type { Desk } from '../session.ts'
import { EXIT, type ExitCode, Stop } from '../stop.ts'

const isEntry = (value: unknown): value is AuditEntry => {
  const { seq, prevHash, hash, details, action } = (value ?? {}) as Record<string, unknown>
  const texts = [prevHash, hash, action].every((text) => typeof text === 'string')
  return texts && Number.isSafeInteger(seq) && typeof details === 'object' && details !== null
}

const entryOf = (line: string): AuditEntry | null => {
  try {
    const value: unknown = JSON.parse(line)
    return isEntry(value) ? value : null
  } catch {
    return null // a line that is no JSON is no entry
  }
}

/** The check after one more line; a line that is no entry was an entry once, and was altered. */
const checkLine = (check: ChainCheck, line: string): ChainCheck => {
  const entry = entryOf(line)
  if (entry !== null) return checkEntry(check, entry)
  return { ...check, bad: { seq: (check.head?.seq ?? 0) + 1, fault: 'altered' } }
}

/** Checks an export; it ends at the first line that does not fit. */
export const checkLines = async (lines: AsyncIterable<string>): Promise<ChainCheck> => {
  let check = beginCheck()
  for await (const line of lines) {
    check = checkLine(check, line)
    if (check.bad !== null) break
  }
  return check
}

const tableHead = csvHead(AUDIT_CSV).trimEnd()

const refuseTable = async function* (lines: AsyncIterable<string>, file: string): AsyncGenerator<string> {
  for await (const line of lines) {
    if (line.startsWith(tableHead))
      throw new Stop(EXIT.failure, `${file} is a table; only an export with --format ndjson can be verified`)
    yield line
  }
}

const faultWords: Readonly<Record<ChainFault, string>> = {
  missing: 'is missing',
  repeated: 'is there twice or out of its place',
  altered: 'was altered',
  unlinked: 'does not follow the entry before it',
}

const anchorWords: Readonly<Record<ChainAnchor, string>> = {
  genesis: 'from the beginning of the chain',
  known: 'from the place given',
  purge: 'from where a purge recorded in it left off',
  none: 'within itself; what came before it is not in the file, and nothing in it vouches for its start',
}

const verifyFile = async ({ world, print }: Desk, file: string): Promise<ExitCode> => {
  const { checked, bad, anchor, origin, head } = await checkLines(refuseTable(readLines(world, file), file))
  if (checked === 0 && bad === null) throw new Stop(EXIT.failure, `${file} holds no audit entries`)
  if (print.isJson) {
    const facts = { firstBadSeq: bad?.seq, fault: bad?.fault, firstSeq: origin === null ? undefined : origin.seq + 1 }
    await print.json({ ok: bad === null, checked, ...given(facts), anchor, head })
  } else if (bad === null) {
    await print.line(`${checked} entries hold together ${anchorWords[anchor]}.`, anchor === 'none' ? 'warn' : 'good')
    await print.line(
      `The last is ${head?.seq} with hash ${head?.hash}; compare it with the server to see that none is missing after it.`,
    )
  } else {
    await print.line(`Entry ${bad.seq} ${faultWords[bad.fault]}; the ${checked} before it hold together.`, 'bad')
  }
  return bad === null ? EXIT.ok : EXIT.failure
}

const verifyOnServer = async (desk: Desk, flags: { from?: number; to?: number }): Promise<ExitCode> => {
  const { talk, print } = await openSession(desk)
  const query = given({ from: flags.from?.toString(), to: flags.to?.toString() })
  const verdict = await talk.get(fleetRoutes.verifyAudit, { query })
  if (print.isJson) await print.json(verdict)
  else if (verdict.ok) await print.line(`${verdict.checked} entries hold together.`, 'good')
  else
    await print.line(
      `Entry ${verdict.firstBadSeq} is not what the chain needs there; the ${verdict.checked} before it hold together.`,
      'bad',
    )
  return verdict.ok ? EXIT.ok : EXIT.failure
}

export const verifyHistory = (
  desk: Desk,
  file: string | undefined,
  flags: { from?: number; to?: number },
): Promise<ExitCode> => {
  if (file === undefined) return verifyOnServer(desk, flags)
  if (flags.from !== undefined || flags.to !== undefined)
    throw new Stop(EXIT.usage, '--from and --to are for the server; a file is checked whole')
  return verifyFile(desk, file)
}
