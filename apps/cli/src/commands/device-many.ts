// `muster device many`: tags and revocation for every device that a filter finds, each with a verdict of its own.
// Devices that are named one by one are device-change.ts.
import { type DeviceVerdict, fleetRoutes } from '@muster/contract'
import type { Command } from 'commander'
import { given } from '../ask/argument.ts'
import type { Acting, Session } from '../session.ts'
import { EXIT, type ExitCode, Stop } from '../stop.ts'
import { addFilterOptions, type FilterFlags, filterOf } from './device-list.ts'

const { tagDevices, untagDevices, revokeDevices } = fleetRoutes

interface Page {
  readonly items: readonly DeviceVerdict[]
  readonly nextCursor: string | null
}

interface Meant {
  readonly filter: ReturnType<typeof filterOf>
  readonly cursor?: string
}

/** Request after request until the filter finds no more. */
const doAll = async (flags: FilterFlags, act: (devices: Meant) => Promise<Page>): Promise<readonly DeviceVerdict[]> => {
  const filter = filterOf(flags)
  if (Object.keys(filter).length === 0)
    throw new Stop(
      EXIT.usage,
      'say which devices, such as --group NAME or --tag TAG; `muster device list` takes the same',
    )
  const verdicts: DeviceVerdict[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Page = await act(cursor === undefined ? { filter } : { filter, cursor })
    verdicts.push(...page.items)
    cursor = page.nextCursor
  }
  return verdicts
}

const told = async ({ print }: Session, verdicts: readonly DeviceVerdict[], past: string): Promise<ExitCode> => {
  const refused = verdicts.filter(({ outcome }) => outcome === 'refused')
  const count = (outcome: DeviceVerdict['outcome']): number =>
    verdicts.filter((verdict) => verdict.outcome === outcome).length
  if (print.isJson) await print.json({ items: verdicts })
  else {
    for (const { id, refusal } of refused) await print.note(`${id}: ${refusal?.message ?? ''}`, 'bad')
    await print.line(`${count('done')} ${past}, ${count('unchanged')} were so before, ${refused.length} refused`)
  }
  return refused.length === 0 ? EXIT.ok : EXIT.partial
}

const tag =
  (route: typeof tagDevices, past: string) =>
  async (session: Session, tags: readonly string[], flags: FilterFlags): Promise<ExitCode> => {
    const verdicts = await doAll(flags, (devices) => session.talk.get(route, { body: { devices, tags: [...tags] } }))
    return told(session, verdicts, past)
  }

const revoke = async (session: Session, flags: FilterFlags & { readonly reason?: string }): Promise<ExitCode> => {
  const { reason } = flags
  const verdicts = await doAll(flags, (devices) =>
    session.talk.get(revokeDevices, { body: { devices, ...given({ reason }) } }),
  )
  return told(session, verdicts, 'revoked')
}

export const addDeviceManyCommands = (device: Command, { online }: Acting): void => {
  const many = device.command('many').description('change every device that a filter finds')
  addFilterOptions(many.command('tag').description('give them tags').argument('<tag...>')).action(
    online(tag(tagDevices, 'tagged')),
  )
  addFilterOptions(many.command('untag').description('take tags from them').argument('<tag...>')).action(
    online(tag(untagDevices, 'untagged')),
  )
  addFilterOptions(many.command('revoke').description('deny every certificate of theirs at once; their findings stay'))
    .option('--reason <text>', 'kept with each device and in the audit history')
    .action(online(revoke))
}
