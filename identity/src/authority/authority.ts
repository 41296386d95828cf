// The fleet's certificate authority: it certifies device keys, directly and without an intermediate (ARCHITECTURE 2).
// Bytes of certificates are certificate.ts; the key's file is key-file.ts; which device gets one is enroll/.
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { DEFAULT_TENANT_ID, ID_PREFIX } from '@muster/contract'
import { type Clock, type Log, newId, ok, type Result, toIso } from '@muster/kernel'
import type { Kysely } from 'kysely'
import type { Changes } from '../changes.ts'
import { type By, bySystem } from '../speakers.ts'
import type { AuthorityState, IdentityTables } from '../tables.ts'
import type { TakeTurn, Turn } from '../turns.ts'
import {
  derOfPem,
  type IssuedCertificate,
  type Issuer,
  issueAuthority,
  issueDeviceLeaf,
  type Sign,
  signWith,
  toPem,
} from './certificate.ts'
import { type AuthorityView, decideRetire, planValidity, serverIssuerOf, trustedOf } from './decide.ts'
import type { ExternalAuthority } from './external.ts'
import type { KeyFiles } from './key-file.ts'
import {
  type AuthorityRow,
  demoteCurrent,
  insertAuthority,
  loadAuthorities,
  promoteAuthority,
  retireAuthority,
} from './store.ts'
import { AuthorityUnavailable } from './unavailable.ts'

export interface AuthorityFacts {
  readonly id: string
  readonly state: AuthorityState
  readonly certificatePem: string
  readonly expiresMs: number
  /** Whether this process holds the private key, or knows who signs with it. */
  readonly canIssue: boolean
}

export interface DeviceName {
  readonly tenantId: string
  readonly deviceId: string
  readonly spki: Buffer
  /** For a device that renews by itself; others get a certificate that lives for years. */
  readonly renews?: boolean
  /** For an agent of the telemetry wire; one that cannot renew gets a certificate for 825 days (telemetry 5). */
  readonly agentId?: string
}

export interface Authority {
  /** In the order they were made. */
  list(): readonly AuthorityFacts[]
  current(): AuthorityFacts
  /** Certificates of every authority whose leaves are accepted, the current one first: `ca` of the gateway, `/ca.pem`. */
  trustedPems(): readonly string[]
  /** Whether leaves of that authority count now; an open connection outlives a retirement, its certificate does not. */
  isTrusted(authorityId: string): boolean
  /** Called after the trusted set changed, here or in another process; returns the function that stops it. */
  onChange(listener: () => void): () => void
  /**
   * A new authority issues from now on; the former stays trusted until it is retired or ends. Throws when the key is not
   * this server's to make.
   */
  rotate(by: By): Promise<AuthorityFacts>
  retire(by: By, authorityId: string): Promise<Result<AuthorityFacts, 'not_found' | 'state_conflict'>>
  /** A client certificate for an enrolled key. Rejects with `AuthorityUnavailable` when nobody can sign now. */
  issue(device: DeviceName): Promise<IssuedCertificate>
  /** Who signs the gateway's own certificate now; undefined when no trusted key is here. */
  serverIssuer(): (Issuer & { readonly expiresMs: number }) | undefined
}

export interface AuthorityNeeds {
  readonly db: Kysely<IdentityTables>
  readonly takeTurn: TakeTurn
  readonly changes: Changes
  readonly keyFiles: KeyFiles
  /** Is the current authority from the start on, whatever was before. */
  readonly external: ExternalAuthority | undefined
  readonly clock: Clock
  readonly log: Log
  readonly deviceCertificateDays: number
  readonly authorityDays: number
}

interface Held extends AuthorityView {
  readonly no: number
  readonly certificatePem: string
  readonly issuer: Issuer | undefined
}

const hold = (row: AuthorityRow, signBytes: Sign | undefined): Held => ({
  no: row.authority_no,
  id: row.authority_id,
  state: row.state,
  certificatePem: row.certificate_pem,
  expiresMs: row.expires_ms,
  canIssue: signBytes !== undefined,
  issuer: signBytes && {
    authorityId: row.authority_id,
    certificateDer: derOfPem(row.certificate_pem),
    sign: signBytes,
  },
})

const factsOf = ({ id, state, certificatePem, expiresMs, canIssue }: Held): AuthorityFacts => ({
  id,
  state,
  certificatePem,
  expiresMs,
  canIssue,
})

/** The key is on disk before the row is committed: a row without its key could not issue anything. */
const makeAuthority = async (turn: Turn, keyFiles: KeyFiles, days: number, by: By, action: string) => {
  const authorityId = newId(ID_PREFIX.authority)
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issued = await issueAuthority(authorityId, keys, planValidity(turn.nowMs, days))
  await keyFiles.write(authorityId, keys.privateKey)
  const no = await insertAuthority(turn.tx, {
    authority_id: authorityId,
    certificate_pem: toPem(issued.der),
    expires_ms: issued.notAfterMs,
  })
  turn.changed('authority', no)
  turn.record({
    by,
    tenantId: DEFAULT_TENANT_ID,
    action,
    target: { type: 'authority', id: authorityId },
    details: { fingerprint: issued.fingerprint, expiresAt: toIso(issued.notAfterMs) },
  })
}

/** The life of certificates that are renewed in time (ARCHITECTURE 2). */
const renewedDays = 90
const agentDays = 825

/** What an operator named is the current authority from now on; one that was retired stays so. */
const adopt = async (turn: Turn, { certificatePem, expiresMs }: ExternalAuthority): Promise<void> => {
  const known = (await loadAuthorities(turn.tx)).find((row) => row.certificate_pem === certificatePem)
  if (known?.state === 'current') return
  if (known?.state === 'retired')
    throw new Error(
      `the authority ${known.authority_id} was retired and cannot be used again; name another certificate`,
    )
  await demoteCurrent(turn.tx)
  const authorityId = known?.authority_id ?? newId(ID_PREFIX.authority)
  const row = { authority_id: authorityId, certificate_pem: certificatePem, expires_ms: expiresMs }
  const no =
    known === undefined ? await insertAuthority(turn.tx, row) : await promoteAuthority(turn.tx, known.authority_no)
  turn.changed('authority', no)
  turn.record({
    by: bySystem(newId(ID_PREFIX.request)),
    tenantId: DEFAULT_TENANT_ID,
    action: 'authority.adopted',
    target: { type: 'authority', id: authorityId },
    details: { expiresAt: toIso(expiresMs) },
  })
}

/** Loads the authorities, and makes the first one when there is none. */
export const createAuthority = async (needs: AuthorityNeeds): Promise<Authority> => {
  const { db, takeTurn, changes, keyFiles, external, clock, log, deviceCertificateDays, authorityDays } = needs
  const listeners = new Set<() => void>()
  const keys = new Map<string, KeyObject>()
  let held: readonly Held[] = []
  let trusted: ReadonlySet<string> = new Set()

  /** A key that was read once is held: its file may be sealed anew by another process meanwhile. */
  const readKey = async (authorityId: string): Promise<KeyObject | undefined> => {
    const key = keys.get(authorityId) ?? (await keyFiles.read(authorityId))
    if (key !== undefined) keys.set(authorityId, key)
    return key
  }
  const signerOf = async ({ authority_id, certificate_pem }: AuthorityRow): Promise<Sign | undefined> => {
    if (certificate_pem === external?.certificatePem) return external.sign
    const key = await readKey(authority_id)
    return key && signWith(key)
  }
  const load = async (): Promise<void> => {
    const rows = await loadAuthorities(db)
    held = await Promise.all(rows.map(async (row) => hold(row, await signerOf(row))))
    trusted = new Set(held.filter(({ state }) => state !== 'retired').map(({ id }) => id))
    const current = held.find(({ state }) => state === 'current')
    if (current !== undefined && !current.canIssue)
      log.error('the key of the current authority is not in this data folder; enrolment fails until it is restored')
  }
  const makeFirst = (): Promise<void> =>
    takeTurn(async (turn) => {
      if ((await loadAuthorities(turn.tx)).length > 0) return
      const by = bySystem(newId(ID_PREFIX.request))
      await makeAuthority(turn, keyFiles, authorityDays, by, 'authority.created')
    })
  const currentHeld = (): Held => {
    const current = held.find(({ state }) => state === 'current')
    if (current === undefined) throw new Error('there is no current certificate authority')
    return current
  }
  const find = (authorityId: string): Held | undefined => held.find(({ id }) => id === authorityId)

  changes.listen('authority', async () => {
    await load()
    for (const listener of listeners) listener()
  })
  await load()
  if (external !== undefined) await takeTurn((turn) => adopt(turn, external))
  else if (held.length === 0) await makeFirst()

  return {
    list: () => held.map(factsOf),
    current: () => factsOf(currentHeld()),
    trustedPems: () => trustedOf(held, clock.nowMs()).map(({ certificatePem }) => certificatePem),
    isTrusted: (authorityId) => trusted.has(authorityId),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async rotate(by) {
      if (external !== undefined) throw new Error('the key of the authority is not here; its keeper replaces it')
      await takeTurn(async (turn) => {
        await demoteCurrent(turn.tx)
        await makeAuthority(turn, keyFiles, authorityDays, by, 'authority.rotated')
      })
      return factsOf(currentHeld())
    },
    async retire(by, authorityId) {
      const decided = await takeTurn(async (turn) => {
        const row = (await loadAuthorities(turn.tx)).find((found) => found.authority_id === authorityId)
        const verdict = decideRetire(row && hold(row, undefined))
        if (!verdict.ok || row === undefined) return verdict
        await retireAuthority(turn.tx, row.authority_no, turn.nowMs)
        turn.changed('authority', row.authority_no)
        const target = { type: 'authority', id: authorityId }
        turn.record({ by, tenantId: DEFAULT_TENANT_ID, action: 'authority.retired', target })
        return verdict
      })
      return decided.ok ? ok(factsOf(find(authorityId) as Held)) : decided
    },
    async issue(device) {
      const { issuer, id, expiresMs } = currentHeld()
      if (issuer === undefined)
        throw new AuthorityUnavailable(
          `the key of authority ${id} is not here: restore ca/${id}.key.pem in the data folder, or rotate`,
        )
      const ownDays = device.agentId === undefined ? deviceCertificateDays : Math.min(agentDays, deviceCertificateDays)
      const days = device.renews === true ? Math.min(renewedDays, ownDays) : ownDays
      return issueDeviceLeaf(issuer, { ...device, ...planValidity(clock.nowMs(), days, expiresMs) })
    },
    serverIssuer() {
      const found = serverIssuerOf(held, clock.nowMs())
      return found?.issuer && { ...found.issuer, expiresMs: found.expiresMs }
    },
  }
}
