// What a trial of rules reads: contents, the devices that hold them and where, and open findings.
// What the rules make of it is decided in decide.ts.
import type { Db } from '@muster/storage'
import { amongDevices, amongListed } from '../../among.ts'
import { withInventory } from '../../tables.ts'
import type { Holding, StoredContent } from './decide.ts'

/** What rules look at. */
export const contentColumns = [
  'content_no',
  'surface',
  'kind',
  'name',
  'version',
  'origin',
  'detail',
  'installed_on_request',
] as const

interface ContentRow extends Omit<StoredContent, 'contentNo' | 'installedOnRequest'> {
  readonly content_no: number
  readonly installed_on_request: number | null
}

export const toContent = ({ content_no, installed_on_request: asked, ...content }: ContentRow): StoredContent => ({
  contentNo: content_no,
  ...content,
  installedOnRequest: asked === null ? null : asked === 1,
})

/** In order of their numbers, after that one. */
export const loadContents = async (
  db: Db,
  tenantId: string,
  surfaces: readonly string[],
  afterNo: number,
  limit: number,
): Promise<readonly StoredContent[]> => {
  const rows = await withInventory(db)
    .selectFrom('observe_content')
    .select(contentColumns)
    .where('tenant_id', '=', tenantId)
    .where('surface', 'in', surfaces)
    .where('content_no', '>', afterNo)
    .orderBy('content_no')
    .limit(limit)
    .execute()
  return rows.map(toContent)
}

/** So few that a statement holds up nobody who reads beside it. */
const holdingsPerPage = 10_000

const keyColumns = ['content_no', 'device_no', 'path_no', 'label_no'] as const

type HoldingKey = Readonly<Record<(typeof keyColumns)[number], number>>

const listHoldings = (db: Db, contentNos: readonly number[], after: HoldingKey | undefined) => {
  const rows = withInventory(db)
    .selectFrom('observe_holding')
    .select(keyColumns)
    .where('content_no', 'in', contentNos)
    .orderBy('content_no')
    .orderBy('device_no')
    .orderBy('path_no')
    .orderBy('label_no')
    .limit(holdingsPerPage)
  if (after === undefined) return rows.execute()
  return rows
    .where(({ eb, refTuple, tuple }) =>
      eb(
        refTuple('content_no', 'device_no', 'path_no', 'label_no'),
        '>',
        tuple(after.content_no, after.device_no, after.path_no, after.label_no),
      ),
    )
    .execute()
}

/** Where these contents are, page by page. */
export async function* loadHoldings(db: Db, contentNos: readonly number[]): AsyncGenerator<readonly Holding[]> {
  let after: HoldingKey | undefined
  while (contentNos.length > 0) {
    const rows: readonly HoldingKey[] = await listHoldings(db, contentNos, after)
    yield rows.map((row) => ({ contentNo: row.content_no, deviceNo: row.device_no, pathNo: row.path_no }))
    after = rows.at(-1)
    if (rows.length < holdingsPerPage) return
  }
}

/** Of no more paths than a page of holdings has. */
export const loadPaths = async (db: Db, pathNos: ReadonlySet<number>): Promise<ReadonlyMap<number, string>> => {
  if (pathNos.size === 0) return new Map()
  const rows = await withInventory(db)
    .selectFrom('observe_path')
    .select(['path_no', 'path'])
    .where(amongListed(db, 'path_no', [...pathNos]))
    .execute()
  return new Map(rows.map((row) => [row.path_no, row.path]))
}

const openFindings = (db: Db, tenantId: string, deviceNos: readonly number[], ruleIds: readonly string[]) =>
  withInventory(db)
    .selectFrom('observe_finding')
    .where('tenant_id', '=', tenantId)
    .where('state', '=', 'open')
    .where('rule_id', 'in', ruleIds)
    .where(amongDevices(db, 'device_no', deviceNos))

/** How many findings are open, by rule and surface. */
export const countOpenFindings = (db: Db, tenantId: string, deviceNos: readonly number[], ruleIds: readonly string[]) =>
  openFindings(db, tenantId, deviceNos, ruleIds)
    .groupBy(['rule_id', 'surface'])
    .select(({ fn }) => ['rule_id', 'surface', fn.countAll<number>().as('findings')])
    .orderBy('rule_id')
    .orderBy('surface')
    .execute()

/** Newest first. */
export const sampleOpenFindings = async (
  db: Db,
  tenantId: string,
  deviceNos: readonly number[],
  ruleIds: readonly string[],
  limit: number,
) =>
  openFindings(db, tenantId, deviceNos, ruleIds)
    .select(['finding_id', 'rule_id', 'surface'])
    .orderBy('last_observed_ms', 'desc')
    .orderBy('finding_no', 'desc')
    .limit(limit)
    .execute()
