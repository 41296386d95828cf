// Groups for operators; one that a policy is assigned to is kept.
// Membership is identity's, assignments are the observe plane's.
import { changeGroup, createGroup, deleteGroup, listGroups, readGroup } from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { Identity, IsGroupInUse, KnownOperator } from '@muster/identity'
import { by, versionOf } from './operator.ts'

export interface GroupNeeds extends Pick<Identity, 'groups'> {
  readonly isGroupAssigned: IsGroupInUse
}

export const serveGroups = ({ groups, isGroupAssigned }: GroupNeeds): readonly Served<KnownOperator>[] => [
  serve<typeof listGroups, KnownOperator>(listGroups, ({ speaker, query }) => groups.list(speaker, query)),
  serve<typeof createGroup, KnownOperator>(createGroup, (said) =>
    groups.create(by(said), said.speaker.tenantId, said.body),
  ),
  serve<typeof readGroup, KnownOperator>(readGroup, ({ speaker, params }) => groups.read(speaker, params.id)),
  serve<typeof changeGroup, KnownOperator>(changeGroup, async (said) => {
    const version = versionOf(said)
    if (!version.ok) return version
    return groups.change(by(said), said.speaker.tenantId, said.params.id, version.value, said.body)
  }),
  serve<typeof deleteGroup, KnownOperator>(deleteGroup, async (said) => {
    const version = versionOf(said)
    if (!version.ok) return version
    return groups.remove(by(said), said.speaker.tenantId, said.params.id, version.value, isGroupAssigned)
  }),
]
