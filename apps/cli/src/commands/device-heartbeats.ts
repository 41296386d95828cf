// `muster device heartbeats`: how a machine did over time.
// Its newest heartbeat is part of device-show.ts and device-list.ts.
import { fleetRoutes, HEARTBEAT_RESOLUTIONS, type HeartbeatPoint, type HeartbeatResolution } from '@muster/contract'
import { type Command, Option } from 'commander'
import { given, momentOf } from '../ask/argument.ts'
import { findDevice } from '../ask/find.ts'
import type { Acting, Session } from '../session.ts'
import type { Listing, Printer } from '../show/print.ts'
import { deviceArgument } from './device-show.ts'

const { deviceHeartbeats } = fleetRoutes

interface HeartbeatFlags {
  readonly since?: string
  readonly until?: string
  readonly resolution?: HeartbeatResolution
}

type Range = HeartbeatPoint['cpuPercent']

/** `12 (3 to 40)`: the mean, and between which the values lay. */
const rangeText = (range: Range): string => {
  if (range === null) return '?'
  const [least, mean, most] = [range.least, range.mean, range.most].map(Math.round)
  return least === most ? `${mean}` : `${mean} (${least} to ${most})`
}

const listing = (print: Printer): Listing<HeartbeatPoint> => ({
  columns: [
    { title: 'from', of: ({ from }) => print.moment(from), keep: 'long' },
    { title: 'heartbeats', of: ({ heartbeats }) => heartbeats, side: 'right' },
    { title: 'cpu %', of: ({ cpuPercent }) => rangeText(cpuPercent) },
    { title: 'memory %', of: ({ memoryPercent }) => rangeText(memoryPercent) },
    { title: 'fullest disk %', of: ({ diskPercent }) => rangeText(diskPercent) },
  ],
  empty: 'It sent no heartbeats in that time that are still kept.',
})

const heartbeats = async ({ talk, print, world }: Session, name: string, flags: HeartbeatFlags): Promise<void> => {
  const { id } = await findDevice(talk, name)
  const nowMs = world.clock.nowMs()
  const query = given({
    from: momentOf('--since', flags.since, nowMs),
    to: momentOf('--until', flags.until, nowMs),
    resolution: flags.resolution,
  })
  const reply = await talk.get(deviceHeartbeats, { params: { id }, query })
  if (print.isJson) return print.json(reply)
  await print.table(listing(print), reply.items)
  if (reply.items.length > 0) await print.note(`One line for each ${reply.resolution} in which something was heard.`)
}

export const addDeviceHeartbeatsCommand = (device: Command, { online }: Acting): void => {
  device
    .command('heartbeats')
    .description('how a device did over time: the last day by the minute, 30 days by the hour, 400 by the day')
    .argument('<device>', deviceArgument)
    .option('--since <when>', 'from then on; a day ago unless said')
    .option('--until <when>', 'up to then; now unless said')
    .addOption(new Option('--resolution <step>', 'one line for each').choices(HEARTBEAT_RESOLUTIONS))
    .action(online(heartbeats))
}
