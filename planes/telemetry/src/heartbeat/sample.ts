// One heartbeat as some seventy bytes: what a row of the log, a pack and the memory of the unit all hold.
// Which heartbeats become samples is decided in decide.ts and decide-order.ts.
import type { Description, Heartbeat, Metrics } from './decide.ts'

/** A sample with the words of its heartbeat that are not kept as bytes left out. */
export interface Sample {
  readonly receivedMs: number
  readonly observedMs: number
  /** 32 hex digits; all zero for a heartbeat that cannot be known again. */
  readonly key: string
  /** The first 16 hex digits of the content digest. */
  readonly digest: string
  readonly descriptionNo: number
  readonly metrics: Metrics
  /** In per cent with one decimal; the disk is the fullest one. */
  readonly memoryPercent: number | null
  readonly diskPercent: number | null
}

const at = {
  length: 0,
  receivedMs: 2,
  observedMs: 8,
  key: 14,
  digest: 30,
  uptime: 38,
  cpu: 42,
  memory: 44,
  processes: 50,
  description: 54,
  memoryShare: 58,
  diskShare: 60,
  disks: 62,
} as const
const wide = 6

export const NO_KEY = '0'.repeat(32)

const none16 = 0xffff
const none32 = 0xffff_ffff
const none48 = 2 ** 48 - 1

const capped = (value: number | null, none: number): number =>
  value === null ? none : Math.max(0, Math.min(Math.round(value), none - 1))

const tenths = (percent: number | null): number => capped(percent === null ? null : percent * 10, none16)

const known = (value: number, none: number): number | null => (value === none ? null : value)

const fromTenths = (value: number): number | null => (value === none16 ? null : value / 10)

const share = (used: number | null | undefined, total: number | null | undefined): number | null =>
  typeof used !== 'number' || typeof total !== 'number' || total <= 0 ? null : Math.min(100, (used / total) * 100)

const fullest = ({ diskUsedBytes }: Metrics, { disks }: Description): number | null => {
  const shares = diskUsedBytes.map((used, index) => share(used, disks?.[index]?.totalBytes) ?? 0)
  return shares.length === 0 ? null : Math.max(...shares)
}

/** Moments from 1970 to the year 10889; an agent's clock may say any. */
const moment = (atMs: number): number => Math.max(0, Math.min(atMs, none48 - 1))

export const packSample = (heartbeat: Heartbeat, receivedMs: number, descriptionNo: number): Buffer => {
  const { metrics, description } = heartbeat
  const bytes = Buffer.allocUnsafe(at.disks + wide * metrics.diskUsedBytes.length)
  bytes.writeUInt16BE(bytes.length, at.length)
  bytes.writeUIntBE(moment(receivedMs), at.receivedMs, wide)
  bytes.writeUIntBE(moment(heartbeat.observedMs), at.observedMs, wide)
  bytes.write(heartbeat.key ?? NO_KEY, at.key, 16, 'hex')
  bytes.write(heartbeat.digest, at.digest, 8, 'hex')
  bytes.writeUInt32BE(capped(metrics.uptimeSeconds, none32), at.uptime)
  bytes.writeUInt16BE(tenths(metrics.cpuPercent), at.cpu)
  bytes.writeUIntBE(capped(metrics.memoryUsedBytes, none48), at.memory, wide)
  bytes.writeUInt32BE(capped(metrics.processCount, none32), at.processes)
  bytes.writeUInt32BE(descriptionNo, at.description)
  bytes.writeUInt16BE(tenths(share(metrics.memoryUsedBytes, description.memoryTotalBytes)), at.memoryShare)
  bytes.writeUInt16BE(tenths(fullest(metrics, description)), at.diskShare)
  for (const [index, used] of metrics.diskUsedBytes.entries())
    bytes.writeUIntBE(capped(used, none48), at.disks + wide * index, wide)
  return bytes
}

const readDisks = (bytes: Buffer, start: number, end: number): readonly number[] => {
  const used: number[] = []
  for (let place = start + at.disks; place < end; place += wide) used.push(bytes.readUIntBE(place, wide))
  return used
}

const readSample = (bytes: Buffer, start: number): Sample => {
  const end = start + bytes.readUInt16BE(start + at.length)
  return {
    receivedMs: bytes.readUIntBE(start + at.receivedMs, wide),
    observedMs: bytes.readUIntBE(start + at.observedMs, wide),
    key: bytes.toString('hex', start + at.key, start + at.digest),
    digest: bytes.toString('hex', start + at.digest, start + at.uptime),
    descriptionNo: bytes.readUInt32BE(start + at.description),
    metrics: {
      uptimeSeconds: known(bytes.readUInt32BE(start + at.uptime), none32),
      cpuPercent: fromTenths(bytes.readUInt16BE(start + at.cpu)),
      memoryUsedBytes: known(bytes.readUIntBE(start + at.memory, wide), none48),
      processCount: known(bytes.readUInt32BE(start + at.processes), none32),
      diskUsedBytes: readDisks(bytes, start, end),
    },
    memoryPercent: fromTenths(bytes.readUInt16BE(start + at.memoryShare)),
    diskPercent: fromTenths(bytes.readUInt16BE(start + at.diskShare)),
  }
}

/** Where each sample of a run begins. */
const starts = (bytes: Buffer): readonly number[] => {
  const found: number[] = []
  for (let place = 0; place < bytes.length; place += bytes.readUInt16BE(place + at.length)) found.push(place)
  return found
}

/** What of a sample makes a history. */
export const measuresOf = ({ receivedMs, metrics: { cpuPercent }, memoryPercent, diskPercent }: Sample) => ({
  receivedMs,
  cpuPercent,
  memoryPercent,
  diskPercent,
})

/** Every sample of a run, in the order in which they were appended. */
export const readSamples = (bytes: Buffer): readonly Sample[] => starts(bytes).map((start) => readSample(bytes, start))

/** The same as bytes, each a view of the run. */
export const splitSamples = (bytes: Buffer): readonly Buffer[] =>
  starts(bytes).map((start) => bytes.subarray(start, start + bytes.readUInt16BE(start + at.length)))

/** Small enough to be a number that V8 keeps in a list as it is. */
const keyStartBytes = 3

/** The beginning of a key, and of the key of a sample: nearly every key can be told by it from all others of a device. */
export const keyStart = (key: string): number => Number.parseInt(key.slice(0, 2 * keyStartBytes), 16)
export const keyStartOf = (sample: Buffer): number => sample.readUIntBE(at.key, keyStartBytes)

/** The digest under which a heartbeat of this key is held in the run; undefined when it is not there. */
export const findDigest = (bytes: Buffer, key: string): string | undefined => {
  const first = keyStart(key)
  let found: string | undefined
  for (let start = 0; start < bytes.length; start += bytes.readUInt16BE(start + at.length)) {
    if (bytes.readUIntBE(start + at.key, keyStartBytes) !== first) continue
    if (bytes.toString('hex', start + at.key, start + at.digest) === key)
      found = bytes.toString('hex', start + at.digest, start + at.uptime)
  }
  return found
}

export const receivedOf = (sample: Buffer): number => sample.readUIntBE(at.receivedMs, wide)
export const observedOf = (sample: Buffer): number => sample.readUIntBE(at.observedMs, wide)
