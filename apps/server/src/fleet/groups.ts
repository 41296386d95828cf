// Groups for operators; one that a policy is assigned to is kept.
// Membership is identity's, assignments are the observe plane's.
import { changeGroup, createGroup, deleteGroup, listGroups, readGroup } from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { Identity, IsGroupInUse, KnownOperator } from '@muster/identity'
import { by, type OperatorSaid, versionOf } from './operator.ts'

export interface GroupNeeds extends Pick<Identity, 'groups'> {
  readonly isGroupAssigned: IsGroupInUse
}

export const serveGroups = ({ groups, isGroupAssigned }: GroupNeeds): readonly Served<KnownOperator>[] => [
  serve(listGroups, ({ speaker, query }: OperatorSaid<typeof listGroups>) => groups.list(speaker.tenantId, query)),
  serve(createGroup, (said: OperatorSaid<typeof createGroup>) =>
    groups.create(by(said), said.speaker.tenantId, said.body),
  ),
  serve(readGroup, ({ speaker, params }: OperatorSaid<typeof readGroup>) => groups.read(speaker.tenantId, params.id)),
  serve(changeGroup, async (said: OperatorSaid<typeof changeGroup>) => {
    const version = versionOf(said)
    if (!version.ok) return version
    return groups.change(by(said), said.speaker.tenantId, said.params.id, version.value, said.body)
  }),
  serve(deleteGroup, (said: OperatorSaid<typeof deleteGroup>) =>
    groups.remove(by(said), said.speaker.tenantId, said.params.id, isGroupAssigned),
  ),
]
