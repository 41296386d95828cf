// `muster inventory compare`: what is on a device and not on another, or not on most of a group, and the other way round.
// What counts as a difference is the server's to say.
import { type Comparison, type Difference, fleetRoutes } from '@muster/contract'
import type { Command } from 'commander'
import { given, listed } from '../ask/argument.ts'
import { findDevice, findGroup } from '../ask/find.ts'
import type { Acting, Session } from '../session.ts'
import type { Tone } from '../show/paint.ts'
import type { Listing, Printer } from '../show/print.ts'
import { EXIT, Stop } from '../stop.ts'
import { deviceArgument } from './device-show.ts'

interface CompareFlags {
  readonly with?: string
  readonly group?: string
  readonly quorum?: number
  readonly only?: readonly string[]
  readonly names?: true
}

interface Line extends Difference {
  readonly how: { readonly text: string; readonly tone: Tone }
}

const lineListing: Listing<Line> = {
  columns: [
    { title: 'difference', of: ({ how }) => how },
    { title: 'surface', of: ({ surface }) => surface },
    { title: 'name', of: ({ name }) => name },
    { title: 'here', of: ({ values }) => values.join(', ') },
    { title: 'there', of: ({ referenceValues }) => referenceValues.join(', ') },
    { title: 'on', of: ({ referenceDevices }) => referenceDevices, side: 'right' },
  ],
  empty: 'No differences.',
}

const show = async (print: Printer, { added, missing, different, ...compared }: Comparison): Promise<void> => {
  const lines = (items: readonly Difference[], text: string, tone: Tone): readonly Line[] =>
    items.map((item) => ({ ...item, how: { text, tone } }))
  await print.table(lineListing, [
    ...lines(added.items, 'only here', 'warn'),
    ...lines(missing.items, 'missing here', 'bad'),
    ...lines(different.items, 'other version', 'quiet'),
  ])
  const others = `${compared.referenceDevices}${compared.referenceCut ? ' and more' : ''}`
  await print.note(
    `${added.total} only here, ${missing.total} missing here, ${different.total} in another version; compared with ${others}.`,
  )
}

/** Also checks what belongs together, before anything is asked. */
const referenceOf = async ({ talk }: Session, { with: other, group, quorum }: CompareFlags) => {
  if ((other === undefined) === (group === undefined)) throw new Stop(EXIT.usage, 'say --with DEVICE or --group NAME')
  if (other === undefined) return { group: (await findGroup(talk, group ?? '')).id, ...given({ quorum }) }
  if (quorum !== undefined) throw new Stop(EXIT.usage, '--quorum goes with --group')
  return { deviceId: (await findDevice(talk, other)).id }
}

const compare = async (session: Session, name: string, flags: CompareFlags): Promise<void> => {
  const { talk, print } = session
  const reference = await referenceOf(session, flags)
  const { id: deviceId } = await findDevice(talk, name)
  const surfaces = flags.only && [...flags.only]
  const wanted = given({ surfaces, compare: flags.names === true ? ('names' as const) : undefined })
  const compared = await talk.get(fleetRoutes.compareInventory, { body: { deviceId, reference, ...wanted } })
  await (print.isJson ? print.json(compared) : show(print, compared))
}

const shareOf = (text: string): number => {
  const share = Number(text)
  if (!(share >= 0.01 && share <= 1)) throw new Stop(EXIT.usage, '--quorum is a share from 0.01 to 1, such as 0.8')
  return share
}

export const addInventoryCompareCommand = (inventory: Command, { online }: Acting): void => {
  inventory
    .command('compare')
    .description('what is on a device and not on another, or not on most of a group, and the other way round')
    .argument('<device>', deviceArgument)
    .option('--with <device>', 'the other device')
    .option('--group <name>', 'what most of this group has instead')
    .option('--quorum <share>', 'how much of the group is most of it, from 0.01 to 1', shareOf)
    // A flag of the command above, such as --surface, would be taken by that.
    .option('--only <surface>', 'only this surface; repeat for more', listed)
    .option('--names', 'leave versions out')
    .action(online(compare))
}
