// Findings as operators read them.
// How hits become findings is decide.ts; reviewing them comes later.
import { type Finding, type FindingEvidence, listFindings, readFinding } from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { Bounds, Devices, KnownOperator } from '@muster/identity'
import { cutPage, ok, readPage, refuse, toIso } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { arePresent } from '../inventory/places.ts'
import { readBy } from '../masking/mask.ts'
import { type FindingRow, findFinding, listFindingRows } from './listing.ts'

export interface FindingNeeds {
  readonly storage: Pick<Storage, 'db'>
  readonly devices: Pick<Devices, 'historyNos' | 'read' | 'readMany'>
}

export const serveFindings = (needs: FindingNeeds): readonly Served<KnownOperator>[] => [
  serve<typeof listFindings, KnownOperator>(listFindings, async ({ speaker, query }) => {
    const page = readPage(query, ['number', 'number'])
    if (!page.ok) return page
    const device = query.deviceId === undefined ? undefined : await needs.devices.read(speaker, query.deviceId)
    if (device !== undefined && !device.ok) return ok({ items: [], nextCursor: null })
    const { limit, after } = page.value
    const { state, severity, ruleId, surface } = query
    const found = await listFindingRows(needs.storage.db, {
      tenantId: speaker.tenantId,
      deviceNos: device?.value.historyNos ?? needs.devices.historyNos(speaker),
      state,
      severity,
      ruleId,
      surface,
      after,
      limit,
    })
    const { rows, nextCursor } = cutPage(found, limit, (row) => [row.last_observed_ms, row.finding_no])
    return ok({ items: readBy(speaker, await toFindings(needs, speaker, rows)), nextCursor })
  }),
  serve<typeof readFinding, KnownOperator>(readFinding, async ({ speaker, params }) => {
    const row = await findFinding(needs.storage.db, speaker.tenantId, params.id)
    if (row === undefined || !isSeen(needs, speaker, row)) return refuse('not_found')
    const [finding] = await toFindings(needs, speaker, [row])
    return finding === undefined ? refuse('not_found') : ok(readBy(speaker, finding))
  }),
]

const isSeen = ({ devices }: FindingNeeds, bounds: Bounds, { device_no }: FindingRow): boolean =>
  devices.historyNos(bounds)?.includes(device_no) ?? true

const toFindings = async (
  { storage, devices }: FindingNeeds,
  bounds: Bounds,
  rows: readonly FindingRow[],
): Promise<Finding[]> => {
  const records = await devices.readMany(bounds, [...new Set(rows.map((row) => row.device_no))])
  const evidences = rows.map((row) => JSON.parse(row.evidence) as FindingEvidence)
  const present = await arePresent(
    storage.db,
    bounds.tenantId,
    rows.map((row, index) => ({
      deviceNo: row.device_no,
      surface: row.surface,
      itemId: row.item_id,
      path: evidences[index]?.path ?? '',
    })),
  )
  return rows.map((row, index) => {
    const device = records.get(row.device_no)
    return {
      id: row.finding_id,
      deviceId: device?.id ?? '',
      hostname: device?.hostname ?? '',
      surface: row.surface,
      itemId: row.item_id,
      itemName: row.item_name,
      ruleId: row.rule_id,
      source: 'agent',
      title: row.title,
      rationale: row.rationale,
      severity: row.severity,
      evidence: evidences[index] as FindingEvidence,
      count: row.count,
      state: row.state,
      resolution: row.resolution,
      resolvedAt: row.resolved_ms === null ? null : toIso(row.resolved_ms),
      resolvedBy: row.resolved_by,
      reopenCount: row.reopen_count,
      itemPresent: present[index] === true,
      firstObservedAt: toIso(row.first_observed_ms),
      lastObservedAt: toIso(row.last_observed_ms),
      version: row.count + row.transitions,
    }
  })
}
