// Many agents out of one that was let in: what an exchange would have written, with names and a token of each one's own.
// Ten thousand exchanges are ten thousand TLS handshakes; how fast those are is the enrolment case's business.
import { createPrivateKey, type KeyObject, randomBytes, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { newId } from '@muster/kernel'
import type { Storage, Tx } from '@muster/storage'
import type { InventedAgent } from './agents.ts'

type Row = Readonly<Record<string, unknown>>

const rowsAtOnce = 500

const textOf = (row: Row, column: string): string => String(row[column])

/** Signs what the pattern's token says, for somebody else, with the key of the stopped server. */
const createSigner = (dataDir: string, token: string) => {
  const decode = (part: string | undefined) => JSON.parse(Buffer.from(part ?? '', 'base64url').toString())
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const [head, said] = token.split('.').map((part, index) => (index < 2 ? decode(part) : undefined))
  const key: KeyObject = createPrivateKey(readFileSync(join(dataDir, 'ca', `${head.kid}.key.pem`)))
  return (agent: Row): string => {
    const claims = {
      ...said,
      sub: agent['agent_id'],
      collector_id: agent['collector_id'],
      asset_id: agent['asset_id'],
      jti: randomBytes(16).toString('base64url'),
    }
    const signed = `${encode(head)}.${encode(claims)}`
    return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`
  }
}

const readRow = async (tx: Tx, table: string, column: string, value: unknown): Promise<Row> =>
  await tx.selectFrom(table).selectAll().where(column, '=', value).executeTakeFirstOrThrow()

interface Pattern {
  readonly agent: Row
  readonly device: Row
  readonly lastNo: number
}

const readPattern = async (tx: Tx, agentId: string): Promise<Pattern> => {
  const agent = await readRow(tx, 'identity_agent', 'agent_id', agentId)
  const device = await readRow(tx, 'identity_device', 'device_no', agent['device_no'])
  const last = await tx
    .selectFrom('identity_device')
    .select((eb) => eb.fn.max('device_no').as('no'))
    .executeTakeFirstOrThrow()
  return { agent, device, lastNo: Number(last['no']) }
}

const another = ({ agent, device, lastNo }: Pattern, no: number): { readonly agent: Row; readonly device: Row } => {
  const host = `build-m${no}`
  const { agent_no: _own, ...sameAgent } = agent
  const key = {
    tenant_id: agent['tenant_id'],
    device_no: lastNo + no,
    key_fingerprint: randomBytes(32).toString('hex'),
    agent_id: newId('agt'),
    hostname: host,
  }
  const names = { host_key: host, sort_name: host, search_name: host }
  return {
    agent: { ...sameAgent, ...key, collector_id: newId('col'), asset_id: newId('ast') },
    device: { ...device, ...key, ...names, device_id: newId('dev') },
  }
}

/** `count` agents more, as good as the pattern; the server that let it in must be stopped. */
export const multiplyAgent = async (
  storage: Storage,
  dataDir: string,
  pattern: InventedAgent,
  count: number,
): Promise<readonly InventedAgent[]> => {
  const signFor = createSigner(dataDir, pattern.token)
  const made: InventedAgent[] = []
  const read = await storage.write((tx) => readPattern(tx, pattern.agentId))
  for (let first = 1; first <= count; first += rowsAtOnce) {
    const length = Math.min(rowsAtOnce, count - first + 1)
    const rows = Array.from({ length }, (_, index) => another(read, first + index))
    await storage.write(async (tx) => {
      await tx
        .insertInto('identity_device')
        .values(rows.map(({ device }) => device))
        .execute()
      await tx
        .insertInto('identity_agent')
        .values(rows.map(({ agent }) => agent))
        .execute()
    })
    for (const { agent } of rows) made.push({ agentId: textOf(agent, 'agent_id'), token: signFor(agent) })
  }
  return made
}
