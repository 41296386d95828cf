// `muster device`: the machines, what is known of them, and what happened to them.
// Changing them is device-change.ts; what was found on them is inventory.ts.
import {
  DEVICE_STATUSES,
  type Device,
  fleetRoutes,
  LIVENESSES,
  POLICY_STATUSES,
  type QueryOf,
  type ReplyOf,
} from '@muster/contract'
import { type Command, Option } from 'commander'
import { given, limitOf } from '../ask/argument.ts'
import { findDevice } from '../ask/find.ts'
import { pagesOf } from '../connect/talk.ts'
import type { Acting, Session } from '../session.ts'
import { showPages } from '../show/list.ts'
import { toneOf } from '../show/paint.ts'
import type { Listing, Printer } from '../show/print.ts'

const { listDevices, deviceTimeline, deviceEvents } = fleetRoutes

type Wanted = QueryOf<typeof listDevices>

interface ListFlags extends Pick<Wanted, 'status' | 'liveness' | 'group' | 'tag' | 'name'> {
  readonly policy?: Wanted['policyStatus']
  readonly enrolledWith?: string
  readonly limit: number
}

/** An active device is as alive as it is; of the others only the status matters. */
const stateOf = ({ status, liveness }: Device): string => (status === 'active' ? liveness : status)

const worstOf = ({ openFindings }: Device) => {
  for (const severity of ['critical', 'suspicious', 'notable', 'info'] as const)
    if (openFindings[severity] > 0) return { text: `${openFindings[severity]} ${severity}`, tone: toneOf(severity) }
  return ''
}

const listing = (print: Printer): Listing<Device> => ({
  columns: [
    { title: 'id', of: ({ id }) => id, keep: 'whole' },
    { title: 'name', of: ({ displayName, hostname }) => displayName ?? hostname },
    { title: 'state', of: (device) => ({ text: stateOf(device), tone: toneOf(stateOf(device)) }) },
    { title: 'last contact', of: ({ lastContactAt }) => print.moment(lastContactAt), keep: 'long' },
    { title: 'system', of: ({ osVersion }) => osVersion },
    { title: 'policy', of: ({ policy }) => ({ text: policy.status, tone: toneOf(policy.status) }) },
    { title: 'findings', of: worstOf },
    { title: 'tags', of: ({ tags }) => tags.join(', ') },
  ],
  empty: 'No devices; make an enrolment token with `muster token create` and give it to an agent.',
})

const list = ({ talk, print }: Session, flags: ListFlags): Promise<void> => {
  const { status, liveness, policy, group, tag, name, enrolledWith, limit } = flags
  const query = given({ status, liveness, policyStatus: policy, group, tag, name, enrollmentTokenId: enrolledWith })
  const pages = pagesOf(limit, (wish) => talk.get(listDevices, { query: { ...query, ...wish } }))
  return showPages(print, listing(print), pages)
}

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

export const showDevice = async (print: Printer, device: Device): Promise<void> => {
  await print.facts([
    ['id', device.id],
    ['name', device.displayName],
    ['host name', device.hostname],
    ['state', { text: stateOf(device), tone: toneOf(stateOf(device)) }],
    ['because', device.statusReason],
    ['merged into', device.mergedIntoId],
    ['owner', device.owner],
    ['notes', device.notes],
    ['system', device.osVersion],
    ['model', device.hardwareModel],
    ['sensor', device.sensorVersion],
    ['tags', device.tags.join(', ')],
    ['groups', device.groups.join(', ')],
    ['enrolled', print.moment(device.enrolledAt)],
    ['last contact', print.moment(device.lastContactAt)],
    ['last check-in', print.moment(device.lastCheckInAt)],
    ['policy', { text: policyText(device.policy), tone: toneOf(device.policy.status) }],
    ['backlog', device.backlog.events === 0 ? '' : `${device.backlog.events} events, ${device.backlog.bytes} bytes`],
    ['open findings', findingsText(device.openFindings)],
    ['clock', clockText(device.clockSkewSeconds)],
    ['resnapshot', device.resnapshotRequested ? 'requested' : ''],
    ['key', device.keyFingerprint],
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

type TimelineEntry = ReplyOf<typeof deviceTimeline>['items'][number]
type RawEvent = ReplyOf<typeof deviceEvents>['items'][number]

const timelineListing = (print: Printer): Listing<TimelineEntry> => ({
  columns: [
    { title: 'when', of: ({ at }) => print.moment(at), keep: 'long' },
    { title: 'what', of: ({ what }) => what },
    { title: 'by', of: ({ by }) => by },
    { title: 'detail', of: ({ detail }) => (Object.keys(detail).length === 0 ? '' : JSON.stringify(detail)) },
  ],
  empty: 'Nothing has happened to it yet.',
})

const eventListing = (print: Printer): Listing<RawEvent> => ({
  columns: [
    { title: 'received', of: ({ receivedAt }) => print.moment(receivedAt), keep: 'long' },
    { title: 'epoch', of: ({ epoch }) => epoch, side: 'right' },
    { title: 'sequence', of: ({ localSequence }) => localSequence, side: 'right' },
    { title: 'surface', of: ({ surface }) => surface },
    { title: 'kind', of: ({ kind }) => ({ text: kind, tone: toneOf(kind) }) },
    { title: 'body', of: ({ body }) => body },
    { title: 'event', of: ({ eventId }) => eventId },
  ],
  empty: 'It has sent no events that are still kept.',
})

const timeline = async ({ talk, print }: Session, name: string, flags: { limit: number }): Promise<void> => {
  const { id } = await findDevice(talk, name)
  const pages = pagesOf(flags.limit, (query) => talk.get(deviceTimeline, { params: { id }, query }))
  await showPages(print, timelineListing(print), pages)
}

const events = async ({ talk, print }: Session, name: string, flags: { limit: number }): Promise<void> => {
  const { id } = await findDevice(talk, name)
  const pages = pagesOf(flags.limit, (query) => talk.get(deviceEvents, { params: { id }, query }))
  await showPages(print, eventListing(print), pages)
}

export const deviceArgument = 'an id, a unique host name or display name, or the beginning of an id'

export const addDeviceCommands = (device: Command, { online }: Acting): void => {
  device
    .command('list')
    .description('devices by host name; retired and merged ones with --status')
    .addOption(new Option('--status <status>', 'only these').choices(DEVICE_STATUSES))
    .addOption(new Option('--liveness <liveness>', 'only these').choices(LIVENESSES))
    .addOption(new Option('--policy <status>', 'only those whose policy is').choices(POLICY_STATUSES))
    .option('--group <name>', 'only members of this group')
    .option('--tag <tag>', 'only those with this tag')
    .option('--name <text>', 'only those with this in a name')
    .option('--enrolled-with <token>', 'only those this enrolment token let in')
    .option('--limit <n>', 'how many at most, or all', limitOf, Infinity)
    .action(online(list))
  device.command('show').description('one device').argument('<device>', deviceArgument).action(online(show))
  device
    .command('timeline')
    .description('what happened to a device, newest first')
    .argument('<device>', deviceArgument)
    .option('--limit <n>', 'how many at most, or all', limitOf, 100)
    .action(online(timeline))
  device
    .command('events')
    .description('raw events as a device sent them, newest first')
    .argument('<device>', deviceArgument)
    .option('--limit <n>', 'how many at most, or all', limitOf, 100)
    .action(online(events))
}
