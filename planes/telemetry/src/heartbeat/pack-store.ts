// The packs that heartbeats end in: some thirty of a device in one row, compressed (ADR 18).
// When a pack is made is packing.ts, what becomes of it with age presence/.
import { constants, inflateRawSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { bulkInsert, type Db, type Tx } from '@muster/storage'
import { sql } from 'kysely'
import type { PackedPast } from './tail.ts'

/** What is packed is two kilobytes, so tables that are small are filled sooner: a quarter of deflate's time, a tenth smaller. */
const packing = {
  chunkSize: 4096,
  params: {
    [constants.ZSTD_c_compressionLevel]: -1,
    [constants.ZSTD_c_windowLog]: 14,
    [constants.ZSTD_c_hashLog]: 10,
  },
}

/** How zstd begins (RFC 8878, 3.1.1); as the beginning of raw deflate it would contradict itself. */
const zstdMagic = 0xfd2fb528

export const packBytes = (samples: Buffer): Buffer => zstdCompressSync(samples, packing)

/** Packs were raw deflate at first, and those are read as well. */
export const unpackBytes = (packed: Uint8Array): Buffer => {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const isZstd = packed.byteLength >= 4 && view.getUint32(0, true) === zstdMagic
  return isZstd ? zstdDecompressSync(packed) : inflateRawSync(packed)
}

export interface PackRow extends PackedPast {
  readonly tenantId: string
  readonly deviceNo: number
  readonly fromMs: number
  readonly observedFromMs: number
  readonly samples: Buffer
}

const insertPacks = bulkInsert({
  into: 'telemetry_pack',
  columns: {
    tenant_id: 'text',
    device_no: 'int',
    from_ms: 'int',
    through_ms: 'int',
    observed_from_ms: 'int',
    observed_ms: 'int',
    through_no: 'int',
    total: 'int',
    samples: 'bytes',
  },
  cells: (row: PackRow) => [
    row.tenantId,
    row.deviceNo,
    row.fromMs,
    row.throughMs,
    row.observedFromMs,
    row.observedMs,
    row.throughNo,
    row.total,
    row.samples,
  ],
})

export const storePacks = (tx: Tx, rows: readonly PackRow[]): Promise<number> => insertPacks(tx, rows)

export interface PackHead extends PackedPast {
  readonly packNo: number
  readonly deviceNo: number
}

const headColumns = ['pack_no', 'device_no', 'observed_ms', 'through_no', 'through_ms', 'total'] as const

const toHead = (row: Record<string, unknown>): PackHead => ({
  packNo: row['pack_no'] as number,
  deviceNo: row['device_no'] as number,
  observedMs: row['observed_ms'] as number,
  throughNo: row['through_no'] as number,
  throughMs: row['through_ms'] as number,
  total: row['total'] as number,
})

/** The newest pack of each of these devices that has one, with its samples. */
export const loadNewestPacks = async (
  db: Db,
  deviceNos: readonly number[],
): Promise<ReadonlyMap<number, PackHead & { readonly samples: Buffer }>> => {
  if (deviceNos.length === 0) return new Map()
  const rows = await db
    .selectFrom('telemetry_pack as pack')
    .select([...headColumns, 'samples'])
    .where('device_no', 'in', deviceNos)
    .where(
      sql<boolean>`through_ms = (select max(newer.through_ms) from telemetry_pack as newer
        where newer.device_no = pack.device_no)`,
    )
    .execute()
  return new Map(
    rows.map((row) => {
      const head = toHead(row)
      return [head.deviceNo, { ...head, samples: unpackBytes(row['samples'] as Uint8Array) }]
    }),
  )
}

/** Packs that came after this number, in order: what another gateway packed. */
export const loadPackHeads = async (db: Db, afterPackNo: number): Promise<readonly PackHead[]> => {
  const rows = await db
    .selectFrom('telemetry_pack')
    .select([...headColumns])
    .where('pack_no', '>', afterPackNo)
    .orderBy('pack_no')
    .execute()
  return rows.map(toHead)
}

export const loadNewestPackNo = async (db: Db): Promise<number> => {
  const row = await db
    .selectFrom('telemetry_pack')
    .select((eb) => eb.fn.max('pack_no').as('no'))
    .executeTakeFirst()
  return (row?.no as number | null | undefined) ?? 0
}

/** Packs of one device that hold a heartbeat observed at that moment and received since then. */
export const loadPacksAround = async (
  db: Db,
  deviceNo: number,
  observedMs: number,
  sinceMs: number,
): Promise<readonly Buffer[]> => {
  const rows = await db
    .selectFrom('telemetry_pack')
    .select('samples')
    .where('device_no', '=', deviceNo)
    .where('observed_from_ms', '<=', observedMs)
    .where('observed_ms', '>=', observedMs)
    .where('through_ms', '>=', sinceMs)
    .orderBy('through_ms', 'desc')
    .execute()
  return rows.map((row) => unpackBytes(row['samples'] as Uint8Array))
}
