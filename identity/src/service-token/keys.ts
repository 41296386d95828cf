// The keys that sign service-account tokens: private halves are files, as the authority's are; public ones are rows.
// What is signed with them is service-token.ts.
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { DEFAULT_TENANT_ID, ID_PREFIX } from '@muster/contract'
import { type Clock, newId } from '@muster/kernel'
import type { Kysely } from 'kysely'
import type { KeyFiles } from '../authority/key-file.ts'
import { AuthorityUnavailable } from '../authority/unavailable.ts'
import type { Changes } from '../changes.ts'
import { bySystem } from '../speakers.ts'
import type { IdentityTables } from '../tables.ts'
import type { TakeTurn } from '../turns.ts'
import { isKeyDue, isKeyOver } from './decide.ts'

export interface TokenKey {
  readonly id: string
  readonly key: KeyObject
  /** An address that changes must not end the tokens of a whole fleet, so a key keeps the one it was made under. */
  readonly issuer: string
}

export interface TokenKeys {
  /** The newest key whose private half is here. Throws `AuthorityUnavailable` when there is none. */
  signing(): TokenKey
  /** Undefined for a key that is not ours, or verifies nothing any more. */
  verifying(keyId: string): TokenKey | undefined
  /** Hears of keys other processes made. */
  refresh(): Promise<void>
  /** Makes the next key when the present one has signed for long enough. */
  rotateWhenDue(): Promise<void>
}

export interface TokenKeysNeeds {
  readonly db: Kysely<IdentityTables>
  readonly takeTurn: TakeTurn
  readonly changes: Changes
  readonly keyFiles: KeyFiles
  readonly clock: Clock
  /** The address agents know the platform by. */
  readonly issuer: () => string
}

interface Held {
  readonly id: string
  readonly createdMs: number
  readonly issuer: string
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject | undefined
}

/** Loads the keys, and makes the first one when there is none. */
export const createTokenKeys = async (needs: TokenKeysNeeds): Promise<TokenKeys> => {
  const { db, takeTurn, changes, keyFiles, clock } = needs
  let held: readonly Held[] = []

  const load = async (): Promise<void> => {
    const rows = await db.selectFrom('identity_token_key').selectAll().orderBy('key_no').execute()
    held = await Promise.all(
      rows.map(async (row) => ({
        id: row.key_id,
        createdMs: row.created_ms,
        issuer: row.issuer,
        publicKey: createPublicKey(row.public_key),
        privateKey: await keyFiles.read(row.key_id),
      })),
    )
  }
  /** The private half is on disk before the row is committed, or a key could be announced that signs nothing. */
  const makeKey = (): Promise<void> =>
    takeTurn(async (turn) => {
      const pair = generateKeyPairSync('ed25519')
      const keyId = newId(ID_PREFIX.tokenKey)
      await keyFiles.write(keyId, pair.privateKey)
      const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' })
      const issuer = needs.issuer().replace(/\/+$/, '')
      const row = { key_id: keyId, public_key: publicKey, issuer, created_ms: turn.nowMs }
      const { key_no } = await turn.tx
        .insertInto('identity_token_key')
        .values(row)
        .returning('key_no')
        .executeTakeFirstOrThrow()
      turn.record({
        by: bySystem(newId(ID_PREFIX.request)),
        tenantId: DEFAULT_TENANT_ID,
        action: 'token_key.created',
        target: { type: 'token_key', id: keyId },
      })
      turn.changed('token_key', key_no)
    })
  changes.listen('token_key', load)
  await load()
  const rotateWhenDue = async (): Promise<void> => {
    // Each gateway has keys of its own, as none of them can read another's files; all verify with all.
    const own = held.findLast(({ privateKey }) => privateKey !== undefined)
    if (own === undefined || isKeyDue(own.createdMs, clock.nowMs())) await makeKey()
  }
  await rotateWhenDue()
  return {
    signing() {
      const found = held.findLast(({ privateKey }) => privateKey !== undefined)
      if (found?.privateKey === undefined)
        throw new AuthorityUnavailable(
          'no key that signs service-account tokens is in this data folder: restore its ca folder',
        )
      return { id: found.id, key: found.privateKey, issuer: found.issuer }
    },
    verifying(keyId) {
      const at = held.findIndex(({ id }) => id === keyId)
      const found = held[at]
      if (found === undefined || isKeyOver(held[at + 1]?.createdMs, clock.nowMs())) return undefined
      return { id: found.id, key: found.publicKey, issuer: found.issuer }
    },
    refresh: () => changes.refresh(),
    rotateWhenDue,
  }
}
