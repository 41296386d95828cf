// Writing down what a group of enrolments came to: devices, certificates, uses and grants, a few statements for all.
// Verdicts are decide.ts, statements store.ts, the audit history record.ts.
import { PLANES } from '@muster/contract'
import type { IssuedCertificate } from '../authority/certificate.ts'
import { hasEnded } from '../devices/change.ts'
import { derivedNames, type HostTextRow, insertHostTexts, mergeContacts } from '../devices/host-texts.ts'
import { insertMembers } from '../groups/store.ts'
import { heardAt } from '../silence/decide.ts'
import type { HostTexts } from '../texts.ts'
import type { Turn } from '../turns.ts'
import type { Admission } from './decide.ts'
import type { Candidate, DeviceRow, LoadedFacts, TokenRow, Verdict } from './facts.ts'
import {
  closeOldCertificates,
  insertCertificates,
  insertDevices,
  insertTags,
  loadDeviceNos,
  loadLivingGroups,
  updateDevices,
  updateTokens,
  upsertUses,
} from './store.ts'

export interface Admitted {
  readonly candidate: Candidate
  readonly verdict: Admission
  readonly token: TokenRow
  /** The device as it was; undefined when it is new. */
  readonly was: DeviceRow | undefined
  readonly certificate: IssuedCertificate
}

/** Counts of every token the group touched, spent or refused. */
export const countTokens = async ({ tx, nowMs }: Turn, facts: LoadedFacts, verdicts: readonly Verdict[]) => {
  const ofToken = Map.groupBy(verdicts, ({ token }) => token?.tokenNo)
  const rows = [...facts.tokenRows.values()].map((row) => {
    const own = ofToken.get(row.token_no) ?? []
    const spent = own.filter((verdict) => verdict.outcome === 'admitted' && !verdict.isRepeat).length
    const refused = own.filter((verdict) => verdict.outcome === 'refused')
    return {
      token_no: row.token_no,
      use_count: row.use_count + spent,
      last_used_ms: spent > 0 ? nowMs : row.last_used_ms,
      failure_count: row.failure_count + refused.length,
      last_failure: refused.at(-1)?.reason ?? row.last_failure,
    }
  })
  await updateTokens(tx, rows)
}

const columnsOf = (texts: HostTexts, displayName: string | null) => ({
  hostname: texts.hostname,
  os_version: texts.osVersion,
  hardware_model: texts.hardwareModel,
  sensor_version: texts.sensorVersion,
  ...derivedNames(texts, displayName),
})

const newLife = { retired_ms: null, data_deletion_ms: null, data_deleted_ms: null, gone_dark_ms: null }

const writeDevices = async ({ tx, nowMs }: Turn, newest: readonly Admitted[]): Promise<void> => {
  const fresh = newest.filter(({ was }) => was === undefined)
  await insertDevices(
    tx,
    fresh.map(({ candidate, verdict, token }) => ({
      device_id: verdict.deviceId,
      tenant_id: token.tenant_id,
      key_fingerprint: candidate.keyFingerprint,
      status: 'active',
      ...columnsOf(candidate.texts, null),
      planes: JSON.stringify([candidate.plane]),
      version: 1,
      enrolled_ms: nowMs,
      enrollment_token_id: token.token_id,
      changed_ms: nowMs,
    })),
  )
  const updates = newest.flatMap(({ candidate, token, was }) => {
    if (was === undefined) return []
    const texts = columnsOf(candidate.texts, was.display_name)
    const { device_no, version } = was
    const planes = JSON.stringify(PLANES.filter((one) => one === candidate.plane || was.planes.includes(`"${one}"`)))
    const enrolled = { planes, enrollment_token_id: token.token_id, version: version + 1, changed_ms: nowMs }
    return [{ device_no, status: 'active', status_reason: null, ...texts, ...enrolled, ...newLife }]
  })
  await updateDevices(tx, updates)
}

const writeGrants = async ({ tx }: Turn, admitted: readonly Admitted[], noOf: (one: Admitted) => number) => {
  const tags = admitted.flatMap((one) =>
    (JSON.parse(one.token.tags) as string[]).map((tag) => ({
      device_no: noOf(one),
      tenant_id: one.token.tenant_id,
      tag,
    })),
  )
  await insertTags(tx, tags)
  const members = admitted.flatMap((one) =>
    (JSON.parse(one.token.group_nos) as number[]).map((group_no) => ({
      group_no,
      device_no: noOf(one),
      tenant_id: one.token.tenant_id,
    })),
  )
  const living = await loadLivingGroups(tx, [...new Set(members.map((member) => member.group_no))])
  await insertMembers(
    tx,
    members.filter((member) => living.has(member.group_no)),
  )
}

const writeCertificates = async (
  { tx, nowMs }: Turn,
  admitted: readonly Admitted[],
  noOf: (one: Admitted) => number,
) => {
  const rows = admitted.map((one) => ({
    device_no: noOf(one),
    tenant_id: one.token.tenant_id,
    authority_id: one.certificate.authorityId,
    serial: one.certificate.serial,
    fingerprint: one.certificate.fingerprint,
    issued_ms: nowMs,
    expires_ms: one.certificate.notAfterMs,
  }))
  await insertCertificates(tx, rows)
  const repeated = admitted.filter(({ was, verdict }) => was !== undefined || !verdict.isNew)
  await closeOldCertificates(tx, [...new Set(repeated.map(noOf))], nowMs)
}

const writeSightings = async ({ tx, nowMs }: Turn, newest: readonly Admitted[], noOf: (one: Admitted) => number) => {
  const contacts = newest.map((one) => ({
    device_no: noOf(one),
    tenant_id: one.token.tenant_id,
    last_contact_ms: nowMs,
    heard_days: heardAt(nowMs).days,
  }))
  await mergeContacts(tx, contacts)
  const sightings = newest.flatMap((one): HostTextRow[] => {
    const { hostname, osVersion, hardwareModel, sensorVersion } = one.candidate.texts
    const { was } = one
    const isSame =
      was?.hostname === hostname &&
      was.os_version === osVersion &&
      was.hardware_model === hardwareModel &&
      was.sensor_version === sensorVersion
    if (isSame) return []
    const texts = { hostname, os_version: osVersion, hardware_model: hardwareModel, sensor_version: sensorVersion }
    return [{ device_no: noOf(one), tenant_id: one.token.tenant_id, seen_ms: nowMs, ...texts }]
  })
  await insertHostTexts(tx, sightings)
}

/** Stores everything about the admitted; of one device in one group, the last request's texts count. */
export const writeAdmitted = async (turn: Turn, admitted: readonly Admitted[]): Promise<void> => {
  if (admitted.length === 0) return
  const newest = [...new Map(admitted.map((one) => [one.verdict.deviceId, one])).values()]
  await writeDevices(turn, newest)
  const nos = await loadDeviceNos(
    turn.tx,
    newest.map(({ verdict }) => verdict.deviceId),
  )
  const noOf = (one: Admitted): number => nos.get(one.verdict.deviceId) as number
  await writeGrants(turn, admitted, noOf)
  await writeCertificates(turn, admitted, noOf)
  await writeSightings(turn, newest, noOf)
  const uses = admitted.filter(({ verdict }) => !verdict.isRepeat)
  await upsertUses(
    turn.tx,
    uses.map((one) => ({
      token_no: one.token.token_no,
      key_fingerprint: one.candidate.keyFingerprint,
      tenant_id: one.token.tenant_id,
      device_no: noOf(one),
      used_ms: turn.nowMs,
    })),
  )
  for (const one of newest)
    if (one.was !== undefined && hasEnded(one.was))
      turn.live({
        what: 'begun_again',
        tenantId: one.token.tenant_id,
        deviceNo: noOf(one),
        deviceId: one.verdict.deviceId,
        throughMs: turn.nowMs,
      })
  turn.changed('device', ...newest.map(noOf))
}
