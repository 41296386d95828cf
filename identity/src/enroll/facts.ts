// What has to be known before a group of enrolments can be decided, read in three statements for all of them.
// Requests arrive here parsed, cut and hashed; the raw token goes no further than enroll.ts.
import type { DeviceStatus, Plane } from '@muster/contract'
import type { Db } from '@muster/storage'
import type { DeviceKey } from '../keys/public-key.ts'
import type { HostTexts } from '../texts.ts'
import { type Admission, deviceKey, type EnrollFacts, type EnrollRefusal, type TokenFacts, useKey } from './decide.ts'
import { findDevices, findTokens, findUses } from './store.ts'

export interface Candidate {
  readonly tokenDigest: string
  readonly key: DeviceKey
  readonly keyFingerprint: string
  readonly freshDeviceId: string
  readonly plane: Plane
  readonly isCompletion?: boolean
  readonly texts: HostTexts
  readonly ip: string
  readonly requestId: string
}

export type Verdict = Admission | EnrollRefusal
export type TokenRow = NonNullable<Awaited<ReturnType<typeof findTokens>>[number]>
export type DeviceRow = NonNullable<Awaited<ReturnType<typeof findDevices>>[number]>

export interface LoadedFacts extends EnrollFacts {
  readonly tokenRows: ReadonlyMap<number, TokenRow>
  /** By device id. */
  readonly deviceRows: ReadonlyMap<string, DeviceRow>
}

const toTokenFacts = (row: TokenRow): TokenFacts => ({
  tokenNo: row.token_no,
  tenantId: row.tenant_id,
  maxUses: row.max_uses,
  useCount: row.use_count,
  expiresMs: row.expires_ms,
  revokedMs: row.revoked_ms,
  allowReenroll: row.allow_reenroll === 1,
  planes: JSON.parse(row.planes) as Plane[],
})

/** The values that are there, by the key of their place. */
const mapOf = <Key, Row, Value>(
  keys: readonly Key[],
  rows: readonly (Row | undefined)[],
  keyOf: (key: Key) => string,
  valueOf: (row: Row) => Value,
): ReadonlyMap<string, Value> =>
  new Map(
    keys.flatMap((key, index) => {
      const row = rows[index]
      return row === undefined ? [] : [[keyOf(key), valueOf(row)] as const]
    }),
  )

/** Before a turn too, from a reader: what is decided then is decided again within it. */
export const loadFacts = async (
  { tx, nowMs }: { readonly tx: Db; readonly nowMs: number },
  candidates: readonly Candidate[],
): Promise<LoadedFacts> => {
  const digests = [...new Set(candidates.map(({ tokenDigest }) => tokenDigest))].map((digest) => ({ digest }))
  const tokenRows = await findTokens(tx, digests)
  const tokens = mapOf(digests, tokenRows, ({ digest }) => digest, toTokenFacts)
  const keys = candidates.flatMap(({ tokenDigest, keyFingerprint }) => {
    const token = tokens.get(tokenDigest)
    return token === undefined
      ? []
      : [{ tenant_id: token.tenantId, token_no: token.tokenNo, key_fingerprint: keyFingerprint }]
  })
  const deviceRows = await findDevices(tx, keys)
  const useRows = await findUses(tx, keys)
  const ofDevice = (key: (typeof keys)[number]) => deviceKey(key.tenant_id, key.key_fingerprint)
  const ofUse = (key: (typeof keys)[number]) => useKey(key.token_no, key.key_fingerprint)
  return {
    nowMs,
    tokens,
    devices: mapOf(keys, deviceRows, ofDevice, (row) => ({
      deviceId: row.device_id,
      status: row.status as DeviceStatus,
      isDeleting: row.data_deletion_ms !== null && row.data_deleted_ms === null,
    })),
    usedMs: mapOf(keys, useRows, ofUse, (row) => row.used_ms),
    tokenRows: new Map(tokenRows.flatMap((row) => (row ? [[row.token_no, row]] : []))),
    deviceRows: new Map(deviceRows.flatMap((row) => (row ? [[row.device_id, row]] : []))),
  }
}
