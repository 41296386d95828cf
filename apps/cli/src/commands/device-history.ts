// `muster device timeline` and `muster device events`: what happened to a device, and what it sent.
// What became of the things found on it is inventory.ts.
import { fleetRoutes, type ReplyOf } from '@muster/contract'
import type { Command } from 'commander'
import { limitOption } from '../ask/argument.ts'
import { findDevice } from '../ask/find.ts'
import { pagesOf } from '../connect/talk.ts'
import type { Acting, Session } from '../session.ts'
import { showPages } from '../show/list.ts'
import { toneOf } from '../show/paint.ts'
import type { Listing, Printer } from '../show/print.ts'
import { deviceArgument } from './device-show.ts'

const { deviceTimeline, deviceEvents } = fleetRoutes

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

export const addDeviceHistoryCommands = (device: Command, { online }: Acting): void => {
  const history = (name: string, description: string): Command =>
    device.command(name).description(description).argument('<device>', deviceArgument).addOption(limitOption(100))
  history('timeline', 'what happened to a device, newest first').action(online(timeline))
  history('events', 'raw events as a device sent them, newest first').action(online(events))
}
