// `muster device show`: one device, whole.
// The list of devices is device-list.ts; what happened to one is device-history.ts.
import type { Device } from '@muster/contract'
import type { Command } from 'commander'
import { findDevice } from '../ask/find.ts'
import type { Acting, Session } from '../session.ts'
import { toneOf } from '../show/paint.ts'
import type { Fact, Listing, Printer } from '../show/print.ts'

export const deviceArgument = 'an id, a unique host name or display name, or the beginning of an id'

/** An active device is as alive as it is; of the others only the status matters. */
export const stateOf = ({ status, liveness }: Device): string => (status === 'active' ? liveness : status)

const policyText = ({ status, assignedGeneration, reportedGeneration }: Device['policy']): string => {
  if (assignedGeneration === null) return `${status} (none assigned)`
  return `${status} (assigned ${assignedGeneration}, reports ${reportedGeneration ?? 'none'})`
}

const findingsText = (counts: Device['openFindings']): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}`)
    .join(', ')

/** Small differences are those of the network. */
const clockText = (skewSeconds: number | null): string => {
  if (skewSeconds === null || Math.abs(skewSeconds) < 5) return ''
  return `${Math.round(Math.abs(skewSeconds))} s ${skewSeconds > 0 ? 'behind' : 'ahead of'} the server`
}

const percentText = (percent: number | null): string => (percent === null ? '?' : `${Math.round(percent)} %`)

const shareOf = (used: number | null, total: number | null): number | null =>
  used === null || total === null || total === 0 ? null : (used / total) * 100

/** The fullest disk stands for all of them. */
export const fullestOf = ({ disks }: NonNullable<Device['heartbeat']>): number | null => {
  const shares = disks.map(({ usedBytes, totalBytes }) => shareOf(usedBytes, totalBytes) ?? 0)
  return shares.length === 0 ? null : Math.max(...shares)
}

/** Processor, memory and the fullest disk, as of the newest heartbeat. */
export const loadText = (heartbeat: Device['heartbeat']): string => {
  if (heartbeat === null) return ''
  const memory = shareOf(heartbeat.memoryUsedBytes, heartbeat.memoryTotalBytes)
  const parts = { cpu: heartbeat.cpuPercent, mem: memory, disk: fullestOf(heartbeat) }
  return Object.entries(parts)
    .map(([name, percent]) => `${name} ${percentText(percent)}`)
    .join(', ')
}

const diskText = ({ disks }: NonNullable<Device['heartbeat']>): string =>
  disks.map((disk) => `${disk.mount} ${percentText(shareOf(disk.usedBytes, disk.totalBytes))}`).join(', ')

const heartbeatFacts = (print: Printer, heartbeat: Device['heartbeat']): readonly Fact[] =>
  heartbeat === null
    ? []
    : [
        ['last heartbeat', print.moment(heartbeat.receivedAt)],
        ['load', loadText(heartbeat)],
        ['disks', diskText(heartbeat)],
        ['processes', String(heartbeat.processCount ?? '')],
      ]

/** What the machine's own file settles, and no server can raise. */
const ceilingText = (ceiling: Device['ceiling']): string => {
  if (ceiling === null) return ''
  const { planes, scanRoots, scanRootsLeftOff, jobs } = ceiling
  const roots = [...scanRoots, ...(scanRootsLeftOff === 0 ? [] : [`${scanRootsLeftOff} more`])]
  const below = roots.length === 0 ? '' : `; projects below ${roots.join(', ')}`
  return `${planes.join(', ') || 'no plane'}; ${jobs ? 'jobs' : 'no jobs'}${below}`
}

const deletionText = (print: Printer, deletion: Device['dataDeletion']): string => {
  if (deletion === null) return ''
  return deletion.finishedAt === null ? 'being deleted' : `deleted ${print.moment(deletion.finishedAt)}`
}

export const showDevice = async (print: Printer, device: Device): Promise<void> => {
  await print.facts([
    ['id', device.id],
    ['name', device.displayName],
    ['host name', device.hostname],
    ['state', { text: stateOf(device), tone: toneOf(stateOf(device)) }],
    ['because', device.statusReason],
    ['merged into', device.mergedIntoId],
    ['was also', device.formerIds.join(', ')],
    ['data', deletionText(print, device.dataDeletion)],
    ['owner', device.owner],
    ['notes', device.notes],
    ['system', device.osVersion],
    ['model', device.hardwareModel],
    ['sensor', device.sensorVersion],
    ['tags', device.tags.join(', ')],
    ['groups', device.groups.join(', ')],
    ['enrolled', print.moment(device.enrolledAt)],
    ['last contact', print.moment(device.lastContactAt)],
    ['gone dark', device.goneDarkAt === null ? '' : { text: print.moment(device.goneDarkAt), tone: 'bad' }],
    ['last check-in', print.moment(device.lastCheckInAt)],
    ...heartbeatFacts(print, device.heartbeat),
    ['ceiling', ceilingText(device.ceiling)],
    ['policy', { text: policyText(device.policy), tone: toneOf(device.policy.status) }],
    ['backlog', device.backlog.events === 0 ? '' : `${device.backlog.events} events, ${device.backlog.bytes} bytes`],
    ['open findings', findingsText(device.openFindings)],
    ['clock', clockText(device.clockSkewSeconds)],
    ['resnapshot', device.resnapshotRequested ? 'requested' : ''],
    ['key', device.keyFingerprint],
    ['key elsewhere', device.keyInOtherTenant ? { text: 'enrolled in another tenant, too', tone: 'bad' } : ''],
    ['may also be', device.mergeCandidates.join(', ')],
  ])
  await showParts(print, device)
}

const showParts = async (print: Printer, { coverage, certificates }: Device): Promise<void> => {
  const surfaces: Listing<Device['coverage'][number]> = {
    columns: [
      { title: 'surface', of: ({ surface }) => surface },
      { title: 'coverage', of: ({ state }) => state },
      { title: 'baseline', of: ({ baselineAt }) => print.moment(baselineAt), keep: 'long' },
      { title: 'last event', of: ({ lastEventAt }) => print.moment(lastEventAt), keep: 'long' },
    ],
    empty: 'Nothing has been received from it yet.',
  }
  const held: Listing<Device['certificates'][number]> = {
    columns: [
      { title: 'certificate', of: ({ serial }) => serial, keep: 'whole' },
      { title: 'issued', of: ({ issuedAt }) => print.moment(issuedAt), keep: 'long' },
      { title: 'expires', of: ({ expiresAt }) => print.moment(expiresAt), keep: 'long' },
      { title: 'revoked', of: ({ revokedAt }) => print.moment(revokedAt), keep: 'long' },
    ],
    empty: 'It has no certificate.',
  }
  await print.line('')
  await print.table(surfaces, coverage)
  await print.line('')
  await print.table(held, certificates)
}

const show = async ({ talk, print }: Session, name: string): Promise<void> => {
  const device = await findDevice(talk, name)
  await (print.isJson ? print.json(device) : showDevice(print, device))
}

export const addDeviceShowCommand = (device: Command, { online }: Acting): void => {
  device.command('show').description('one device').argument('<device>', deviceArgument).action(online(show))
}
