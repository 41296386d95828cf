// `muster policy export`: the documents that are published, as they were written, for a repository to keep.
// What keeps them equal again is `muster policy plan` and `publish`.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fleetRoutes, type Policy, type Revision } from '@muster/contract'
import type { Command } from 'commander'
import { pathOf } from '../ask/file.ts'
import { findPolicy } from '../ask/find.ts'
import { allOf } from '../connect/talk.ts'
import type { Acting, Session } from '../session.ts'
import { writeExport } from '../show/export.ts'
import { EXIT, Stop } from '../stop.ts'
import { policyArgument } from './policy.ts'

const { listPolicies, readRevision } = fleetRoutes

interface Exported {
  readonly policy: Policy
  readonly revision: Revision
}

const published = async ({ talk }: Session, policies: readonly Policy[]): Promise<readonly Exported[]> => {
  const exported: Exported[] = []
  for (const policy of policies)
    if (policy.publishedRevisionId !== null)
      exported.push({
        policy,
        revision: await talk.get(readRevision, { params: { id: policy.publishedRevisionId } }),
      })
  return exported
}

/** Names are free text; only one that is a plain file name everywhere names a file. */
export const fileNameOf = ({ id, name }: Pick<Policy, 'id' | 'name'>): string =>
  /^[a-z0-9][a-z0-9._-]{0,99}$/.test(name) ? `${name}.yaml` : `${id}.yaml`

const writeFolder = async (session: Session, folder: string, all: readonly Exported[]): Promise<void> => {
  const path = pathOf(session.world, folder)
  await mkdir(path, { recursive: true }).catch((cause: unknown) => {
    throw new Stop(EXIT.failure, `cannot make the folder ${folder}`, { cause })
  })
  for (const { policy, revision } of all)
    await writeExport(session, join(path, fileNameOf(policy)), (write) => write(revision.yaml))
  await session.print.note(`${all.length} ${all.length === 1 ? 'policy' : 'policies'} in ${folder}.`)
}

const ended = (yaml: string): string => (yaml.endsWith('\n') ? yaml : `${yaml}\n`)

const exportPolicies = async (session: Session, name: string | undefined, flags: { out?: string }): Promise<void> => {
  const { talk, print } = session
  const policies =
    name === undefined ? await allOf((wish) => talk.get(listPolicies, { query: wish })) : [await findPolicy(talk, name)]
  const all = await published(session, policies)
  if (name !== undefined && all.length === 0)
    throw new Stop(EXIT.notFound, `nothing of ${name} was published yet; \`muster policy show\` shows its draft`)
  if (flags.out !== undefined) await writeFolder(session, flags.out, all)
  else if (!print.isJson) await print.raw(all.map(({ revision }) => ended(revision.yaml)).join('---\n'))
  if (print.isJson) await print.json({ items: all.map(({ revision }) => revision) })
}

export const addPolicyExportCommand = (policy: Command, { online }: Acting): void => {
  policy
    .command('export')
    .description('the published documents as they were written: one, or all')
    .argument('[policy]', policyArgument)
    .option('--out <folder>', 'a file each in this folder, in place of what is there by that name')
    .action(online(exportPolicies))
}
