// `muster policy` where it looks: policies, their revisions, generations, assignments and adoption.
// Writing policies is policy-change.ts.
import {
  type Assignment,
  fleetRoutes,
  type Generation,
  type Policy,
  type ReplyOf,
  type Revision,
} from '@muster/contract'
import type { Command } from 'commander'
import { given, limitOption } from '../ask/argument.ts'
import { findPolicy } from '../ask/find.ts'
import { pagesOf } from '../connect/talk.ts'
import type { Acting, Session } from '../session.ts'
import { showPages } from '../show/list.ts'
import { toneOf } from '../show/paint.ts'
import type { Listing, Printer } from '../show/print.ts'

const { listPolicies, listRevisions, readRevision, listGenerations, readGeneration, listAssignments, policyAdoption } =
  fleetRoutes

const policyListing = (print: Printer): Listing<Policy> => ({
  columns: [
    { title: 'id', of: ({ id }) => id, keep: 'whole' },
    { title: 'name', of: ({ name }) => name },
    { title: 'generation', of: ({ generation }) => generation },
    {
      title: 'latest',
      of: (policy) => (policy.latestRevisionId === policy.publishedRevisionId ? 'published' : 'draft'),
    },
    { title: 'created', of: ({ createdAt }) => print.moment(createdAt), keep: 'long' },
    { title: 'description', of: ({ description }) => description },
  ],
  empty: 'No policies; save one with `muster policy save FILE`.',
})

const revisionListing = (print: Printer): Listing<Revision> => ({
  columns: [
    { title: 'id', of: ({ id }) => id, keep: 'whole' },
    { title: 'number', of: ({ number }) => number, side: 'right' },
    { title: 'status', of: ({ status }) => ({ text: status, tone: toneOf(status) }) },
    { title: 'saved', of: ({ createdAt }) => print.moment(createdAt), keep: 'long' },
    { title: 'by', of: ({ createdBy }) => createdBy },
    { title: 'commit', of: ({ source }) => source.commit },
  ],
  empty: 'No revisions.',
})

const generationListing = (print: Printer): Listing<Generation> => ({
  columns: [
    { title: 'generation', of: ({ generation }) => generation, keep: 'whole' },
    { title: 'policy', of: ({ policyId }) => policyId, keep: 'whole' },
    { title: 'revision', of: ({ revisionId }) => revisionId, keep: 'whole' },
    { title: 'bytes', of: ({ byteCount }) => byteCount, side: 'right' },
    { title: 'dropped rules', of: ({ droppedRules }) => droppedRules.length, side: 'right' },
    { title: 'published', of: ({ publishedAt }) => print.moment(publishedAt), keep: 'long' },
    { title: 'by', of: ({ publishedBy }) => publishedBy },
  ],
  empty: 'Nothing has been published; publish with `muster policy publish FILE`.',
})

export const assignmentListing: Listing<Assignment> = {
  columns: [
    { title: 'priority', of: ({ priority }) => priority, side: 'right' },
    { title: 'group', of: ({ group }) => group ?? 'everybody else (default)' },
    { title: 'policy', of: ({ policyId }) => policyId, keep: 'whole' },
  ],
  empty: 'No policy is assigned; devices run their own files.',
}

interface LimitFlags {
  readonly limit: number
}

const list = ({ talk, print }: Session, { limit }: LimitFlags): Promise<void> =>
  showPages(
    print,
    policyListing(print),
    pagesOf(limit, (query) => talk.get(listPolicies, { query })),
  )

const revisions = async ({ talk, print }: Session, name: string, { limit }: LimitFlags): Promise<void> => {
  const { id } = await findPolicy(talk, name)
  const pages = pagesOf(limit, (query) => talk.get(listRevisions, { params: { id }, query }))
  await showPages(print, revisionListing(print), pages)
}

/** A revision by its id, or the published one of a policy, or its latest when none is published. */
const show = async ({ talk, print }: Session, name: string): Promise<void> => {
  const policy = name.startsWith('rev_') ? null : await findPolicy(talk, name)
  const id = policy === null ? name : (policy.publishedRevisionId ?? policy.latestRevisionId)
  const revision = await talk.get(readRevision, { params: { id } })
  if (print.isJson) return print.json(revision)
  await print.note(
    `${revision.id}, number ${revision.number}, ${revision.status}, saved ${print.moment(revision.createdAt)}`,
  )
  for (const line of revision.yaml.trimEnd().split('\n')) await print.line(line)
}

const generations = async ({ talk, print }: Session, flags: LimitFlags & { policy?: string }): Promise<void> => {
  const policyId = flags.policy === undefined ? undefined : (await findPolicy(talk, flags.policy)).id
  const pages = pagesOf(flags.limit, (wish) =>
    talk.get(listGenerations, { query: { ...given({ policyId }), ...wish } }),
  )
  await showPages(print, generationListing(print), pages)
}

const generation = async ({ talk, print }: Session, label: string, flags: { bundle?: true }): Promise<void> => {
  const found = await talk.get(readGeneration, { params: { generation: label } })
  if (print.isJson) return print.json(found)
  if (flags.bundle === true) return print.rawJson(found.bundle)
  await print.facts([
    ['generation', found.generation],
    ['policy', found.policyId],
    ['revision', found.revisionId],
    ['for', found.capabilitySet],
    ['sha256', found.sha256],
    ['bytes', found.byteCount],
    ['published', `${print.moment(found.publishedAt)} by ${found.publishedBy}`],
    ['dropped rules', found.droppedRules.map(({ id, surface }) => `${id} (${surface})`).join(', ')],
  ])
}

const assignments = async ({ talk, print }: Session): Promise<void> => {
  const { items } = await talk.get(listAssignments, { query: {} })
  await (print.isJson ? print.json({ items }) : print.table(assignmentListing, items))
}

type Adoption = ReplyOf<typeof policyAdoption>

const shareOf = (count: number, { devices }: Adoption): string =>
  devices === 0 ? String(count) : `${count} (${Math.round((100 * count) / devices)} %)`

const adoption = async ({ talk, print }: Session, name: string): Promise<void> => {
  const { id } = await findPolicy(talk, name)
  const counts = await talk.get(policyAdoption, { params: { id } })
  if (print.isJson) return print.json(counts)
  await print.facts([
    ['generation', counts.generation ?? 'none published'],
    ['published', print.moment(counts.publishedAt)],
    ['devices', counts.devices],
    ['current', { text: shareOf(counts.current, counts), tone: 'good' }],
    ['pending', shareOf(counts.pending, counts)],
    ['refused', { text: shareOf(counts.refused, counts), tone: counts.refused > 0 ? 'bad' : undefined }],
    ['unknown', shareOf(counts.unknown, counts)],
  ])
}

export const policyArgument = 'a name, an id, or the beginning of an id'

export const addPolicyCommands = (policy: Command, { online }: Acting): void => {
  const limited = (command: Command): Command => command.addOption(limitOption())
  limited(policy.command('list').description('policies by name')).action(online(list))
  limited(policy.command('revisions').description('revisions of a policy, newest first'))
    .argument('<policy>', policyArgument)
    .action(online(revisions))
  policy
    .command('show')
    .description('the document of a policy: what is published, else the latest')
    .argument('<policy>', `${policyArgument}; or the id of a revision`)
    .action(online(show))
  limited(policy.command('generations').description('published generations, newest first'))
    .option('--policy <policy>', 'only those of this policy')
    .action(online(generations))
  policy
    .command('generation')
    .description('one generation')
    .argument('<generation>')
    .option('--bundle', 'the canonical bytes that agents receive, and nothing else')
    .action(online(generation))
  policy.command('assignments').description('which policy goes to which group').action(online(assignments))
  policy
    .command('adoption')
    .description('how many of its devices have a policy in force')
    .argument('<policy>', policyArgument)
    .action(online(adoption))
}
