// Operator tokens in memory by digest, so that a request costs no query; fresh within a second of any change.
// It also collects when each was last used, to be written with others.
import type { Capability } from '@muster/contract'
import type { Log } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import type { Changes } from '../changes.ts'
import type { KnownOperator } from '../speakers.ts'
import { createNetworks, type Networks } from './networks.ts'
import { loadTokenMemory, type OperatorTokenRow, updateLastUsed } from './store.ts'

export interface HeldToken {
  readonly tokenNo: number
  readonly operator: KnownOperator
  readonly expiresMs: number
  /** Where it may be used from; null for everywhere. */
  readonly networks: Networks | null
}

export interface TokenMemory {
  find(digest: string): HeldToken | undefined
  noteUse(tokenNo: number, atMs: number): void
  flush(): Promise<void>
}

const listOf = <Item extends string | number>(json: string | null): readonly Item[] | null =>
  json === null ? null : (JSON.parse(json) as Item[])

/** What a row of a token says about whoever holds it. */
export const holdToken = (row: OperatorTokenRow): HeldToken => {
  const { token_no: tokenNo, token_id: tokenId, name, role, tenant_id: tenantId, expires_ms: expiresMs } = row
  const networks = listOf<string>(row.networks)
  return {
    tokenNo,
    operator: {
      operatorId: tokenId,
      tokenId,
      name,
      role,
      scopes: listOf<Capability>(row.scopes),
      tenantId,
      groupNos: listOf<number>(row.group_nos),
      expiresMs,
    },
    expiresMs,
    networks: networks === null ? null : createNetworks(networks),
  }
}

export const createTokenMemory = async (storage: Storage, changes: Changes, log: Log): Promise<TokenMemory> => {
  const byDigest = new Map<string, HeldToken>()
  let usedMs = new Map<number, number>()

  const load = async (tokenNos: readonly number[] | 'all'): Promise<void> => {
    const rows = await loadTokenMemory(storage.quick, tokenNos)
    if (tokenNos === 'all') byDigest.clear()
    for (const row of rows) {
      if (row.revoked_ms !== null) {
        byDigest.delete(row.digest)
        continue
      }
      byDigest.set(row.digest, holdToken(row))
    }
  }
  changes.listen('operator_token', load)
  await load('all')
  return {
    find: (digest) => byDigest.get(digest),
    noteUse: (tokenNo, atMs) => void usedMs.set(tokenNo, atMs),
    async flush() {
      if (usedMs.size === 0) return
      const used = usedMs
      usedMs = new Map()
      try {
        const rows = [...used].map(([token_no, last_used_ms]) => ({ token_no, last_used_ms }))
        await storage.write((tx) => updateLastUsed(tx, rows))
      } catch (error) {
        usedMs = new Map([...used, ...usedMs])
        log.warn('uses of operator tokens not written yet', { err: error })
      }
    },
  }
}
