// `muster policy` where it changes something: save, publish, roll back, assign.
// Checking a document without changing anything is policy-validate.ts.
import { type Assignment, fleetRoutes, type PolicyFault, type ReplyOf } from '@muster/contract'
import type { Called } from '@muster/http/client'
import { type Command, Option } from 'commander'
import { countOf, given, listed } from '../ask/argument.ts'
import { readInput } from '../ask/file.ts'
import { findGroup, findPolicy } from '../ask/find.ts'
import type { Acting, Session } from '../session.ts'
import type { Printer } from '../show/print.ts'
import { EXIT, Stop, stopOf } from '../stop.ts'
import { assignmentListing, policyArgument } from './policy.ts'
import { faultLine } from './policy-validate.ts'

const { savePolicy, publishRevision, rollbackPolicy, listAssignments, replaceAssignments } = fleetRoutes

export const noteWarnings = async (print: Printer, file: string, warnings: readonly PolicyFault[]): Promise<void> => {
  for (const warning of warnings) await print.note(faultLine(file, warning, 'warning'), 'warn')
}

interface SourceFlags {
  readonly repository?: string
  readonly commit?: string
}

type Saved = ReplyOf<typeof savePolicy>

const saveFile = async (session: Session, file: string, flags: SourceFlags): Promise<Saved> => {
  const { talk, world } = session
  const yaml = await readInput(world, file)
  const source = given({ repository: flags.repository, commit: flags.commit })
  const body = { yaml, ...(Object.keys(source).length > 0 && { source }) }
  return unlessInvalid(session, file, 'saved', talk.ask(savePolicy, { body }))
}

/** The reply; every fault of a bad document with its place ends the run, and says what was not done for it. */
export const unlessInvalid = async <T>(
  { print }: Session,
  file: string,
  done: string,
  asking: Promise<Called<T>>,
): Promise<T> => {
  const reply = await asking
  if (reply.ok) return reply.value
  const faults = reply.refusal.fields ?? []
  if (reply.refusal.code !== 'policy_invalid' || faults.length === 0) throw stopOf(reply.refusal)
  for (const fault of faults) await print.note(faultLine(file, fault, 'error'), 'bad')
  throw new Stop(
    EXIT.failure,
    `${file} has ${faults.length} error${faults.length === 1 ? '' : 's'}; nothing was ${done}`,
  )
}

const save = async (session: Session, file: string, flags: SourceFlags): Promise<void> => {
  const { print } = session
  const saved = await saveFile(session, file, flags)
  if (print.isJson) return print.json(saved)
  await noteWarnings(print, file, saved.warnings)
  const { policy, revision } = saved
  await print.facts([
    ['policy', `${policy.name} (${policy.id})`],
    ['revision', `${revision.id}, number ${revision.number}, ${revision.status}`],
  ])
}

type Published = ReplyOf<typeof publishRevision>

const showPublished = (print: Printer, published: Published): Promise<void> =>
  print.facts([
    ['generation', { text: published.generation, tone: 'strong' }],
    ['policy', published.policyId],
    ['revision', published.revisionId],
    ['sha256', published.sha256],
    ['assigned to', published.assignedTo.join(', ') || 'everybody (default)'],
    ['unchanged', published.unchanged ? 'the bytes are those already in force; no agent restarts' : ''],
    ['dropped rules', published.droppedRules.map(({ id, reason }) => `${id} (${reason})`).join(', ')],
  ])

const publish = async (
  session: Session,
  file: string,
  flags: SourceFlags & { readonly group?: readonly string[]; readonly ifMatch?: string },
): Promise<void> => {
  const { talk, print } = session
  const saved = await saveFile(session, file, flags)
  await noteWarnings(print, file, saved.warnings)
  const body = given({ groups: flags.group && [...flags.group] })
  const ifMatch = flags.ifMatch ?? String(saved.policy.version)
  const reply = await talk.ask(publishRevision, { params: { id: saved.revision.id }, body, ifMatch })
  if (!reply.ok) {
    const stop = stopOf(reply.refusal)
    throw new Stop(stop.exitCode, `${saved.revision.id} was saved but not published: ${stop.message}`)
  }
  await (print.isJson ? print.json(reply.value) : showPublished(print, reply.value))
}

const rollback = async ({ talk, print }: Session, name: string, flags: { to: string }): Promise<void> => {
  const { id, version } = await findPolicy(talk, name)
  const asked = { params: { id }, body: { generation: flags.to }, ifMatch: String(version) }
  const published = await talk.get(rollbackPolicy, asked)
  await (print.isJson ? print.json(published) : showPublished(print, published))
}

interface AssignFlags {
  readonly group?: string
  readonly default?: true
  readonly priority?: number
  readonly remove?: true
}

const lowest = 10

/** What the list of assignments becomes. A new group goes above the others unless told where. */
export const reassigned = (
  items: readonly Assignment[],
  policyId: string,
  group: string | null,
  { priority, remove }: Pick<AssignFlags, 'priority' | 'remove'>,
): Assignment[] => {
  const others = items.filter((item) => item.group !== group)
  if (remove === true) return others
  const before = items.find((item) => item.group === group)?.priority
  const highest = Math.max(0, ...others.map((item) => item.priority))
  const chosen = group === null ? 0 : (priority ?? before ?? highest + lowest)
  return [...others, { policyId, group, priority: chosen }]
}

const removalLimit =
  'Devices left without a policy keep their last one until their agent restarts, then run their own file.'

const assign = async ({ talk, print }: Session, name: string, flags: AssignFlags): Promise<void> => {
  if ((flags.group === undefined) === (flags.default === undefined))
    throw new Stop(EXIT.usage, 'say --group NAME or --default')
  const { id } = await findPolicy(talk, name)
  const group = flags.group === undefined ? null : (await findGroup(talk, flags.group)).name
  const { items, version } = await talk.get(listAssignments, { query: {} })
  const body = { items: reassigned(items, id, group, flags) }
  const reply = await talk.get(replaceAssignments, { body, ifMatch: String(version) })
  await (print.isJson ? print.json({ items: reply.items }) : print.table(assignmentListing, reply.items))
  if (flags.remove === true) await print.note(removalLimit)
}

export const addPolicyChangeCommands = (policy: Command, { online }: Acting): void => {
  const fileArgument = 'a policy document in YAML; - for standard input'
  const sourced = (command: Command): Command =>
    command
      .option('--repository <url>', 'where the document comes from; kept with the revision')
      .option('--commit <id>', 'and at which commit')
  sourced(policy.command('save').description('save a document as a new revision'))
    .argument('<file>', fileArgument)
    .action(online(save))
  sourced(policy.command('publish').description('save a document, compile it and put it in force'))
    .argument('<file>', fileArgument)
    .option('--group <name>', 'for this group instead of everybody; repeat for more', listed)
    .option('--if-match <version>', 'only if the policy still has this version, such as a plan told')
    .action(online(publish))
  policy
    .command('rollback')
    .description('publish the bytes of an earlier generation again')
    .argument('<policy>', policyArgument)
    .requiredOption('--to <generation>', 'see `muster policy generations`')
    .action(online(rollback))
  policy
    .command('assign')
    .description('give a policy to a group, or to everybody who is in no group with a policy')
    .argument('<policy>', policyArgument)
    .option('--group <name>', 'the group')
    .option('--default', 'everybody else')
    .addOption(new Option('--priority <n>', 'higher wins when a device is in several groups').argParser(countOf))
    .option('--remove', 'take the assignment away instead')
    .action(online(assign))
}
