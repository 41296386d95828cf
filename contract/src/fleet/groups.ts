// Groups: named sets of devices, by explicit members or by a tag (fleet-product 2).
// Policies are assigned to groups in policies.ts.
import { z } from 'zod'
import { declare } from '../route.ts'
import { ById, fleetPrefix, Label, listOf, Paging, Tag, Time } from './shapes.ts'

export const Group = z.strictObject({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  /** Devices carrying this tag belong; null for explicit members only. */
  tag: z.string().nullable(),
  memberCount: z.int(),
  createdAt: Time,
  version: z.int(),
})
export type Group = z.infer<typeof Group>

const deviceIds = z.array(z.string().max(128)).max(1000)
const GroupBody = { description: z.string().max(1024).optional(), tag: Tag.nullable().optional() }

export const listGroups = declare({
  method: 'GET',
  path: `${fleetPrefix}/groups`,
  summary: 'Groups by name.',
  speaker: 'operator',
  may: 'fleet:read',
  query: z.strictObject(Paging),
  reply: listOf(Group),
  refusals: [],
})

export const createGroup = declare({
  method: 'POST',
  path: `${fleetPrefix}/groups`,
  summary: 'Make a group, with its explicit members; one that is not known refuses it all.',
  speaker: 'operator',
  may: 'groups:write',
  body: z.strictObject({ name: Label, ...GroupBody, addDeviceIds: deviceIds.optional() }),
  reply: Group,
  status: 201,
  refusals: ['not_found', 'name_taken'],
})

export const readGroup = declare({
  method: 'GET',
  path: `${fleetPrefix}/groups/{id}`,
  summary: 'One group.',
  speaker: 'operator',
  may: 'fleet:read',
  params: ById,
  reply: Group,
  refusals: ['not_found'],
})

export const changeGroup = declare({
  method: 'PATCH',
  path: `${fleetPrefix}/groups/{id}`,
  summary: 'Rename a group, change its tag, add or remove explicit members.',
  speaker: 'operator',
  may: 'groups:write',
  params: ById,
  body: z.strictObject({
    name: Label.optional(),
    ...GroupBody,
    addDeviceIds: deviceIds.optional(),
    removeDeviceIds: deviceIds.optional(),
  }),
  reply: Group,
  precondition: 'if-match',
  refusals: ['not_found', 'name_taken', 'version_missing', 'version_stale'],
})

export const deleteGroup = declare({
  method: 'DELETE',
  path: `${fleetPrefix}/groups/{id}`,
  summary: 'Remove a group; its devices stay. A group with a policy assigned is kept.',
  speaker: 'operator',
  may: 'groups:write',
  params: ById,
  reply: z.strictObject({ id: z.string() }),
  precondition: 'if-match',
  refusals: ['not_found', 'state_conflict', 'version_missing', 'version_stale'],
})
