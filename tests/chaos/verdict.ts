// Whether a database holds what it must: everything that was acknowledged, nothing twice, and all that follows from it.
// What lies there is read by facts.ts; what should follow from a story is told by model.ts.
import { createHash } from 'node:crypto'
import { verifyChain } from '@muster/ledger/chain'
import type { Crowd } from './crowd.ts'
import type { Device } from './device.ts'
import type { DeviceFacts, Facts } from './facts.ts'
import { foldStory, spellIntervals } from './model.ts'
import type { Confirmed } from './operator.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const repeatedOf = (texts: readonly string[]): readonly string[] => {
  const seen = new Set<string>()
  return texts.filter((text) => seen.size === seen.add(text).size)
}

const lacking = (what: string, wanted: readonly string[], found: readonly string[]): readonly string[] => {
  const held = new Set(found)
  return wanted.filter((one) => !held.has(one)).map((one) => `${what} ${one} was acknowledged and is not there`)
}

/** Each stored event is one that was sent, with the same bytes; each acknowledged one is stored; none is twice. */
const judgeEvents = (device: Device, facts: DeviceFacts): readonly string[] => {
  const told = device.told()
  const sent = new Map(told.map(({ envelope }) => [envelope.eventId, envelope]))
  const stored = facts.events.map(({ eventId }) => eventId)
  const strange = facts.events.filter(({ eventId, sequence, payload }) => {
    const envelope = sent.get(eventId)
    return envelope?.localSequence !== sequence || envelope.payloadHash !== sha256(payload)
  })
  return [
    ...lacking(
      'event',
      told.filter(({ acked }) => acked).map(({ envelope }) => envelope.eventId),
      stored,
    ),
    ...repeatedOf(stored).map((eventId) => `event ${eventId} is stored twice`),
    ...strange.map(({ eventId }) => `event ${eventId} is stored and was never sent like that`),
    ...facts.events.filter(({ epoch }) => epoch !== 1).map(({ eventId }) => `event ${eventId} is in a later epoch`),
  ]
}

const difference = (what: string, wanted: readonly string[], found: readonly string[]): readonly string[] => {
  const [wantedSet, foundSet] = [new Set(wanted), new Set(found)]
  return [
    ...[...wantedSet.difference(foundSet)].map((line) => `${what} should be there: ${line}`),
    ...[...foundSet.difference(wantedSet)].map((line) => `${what} should not be there: ${line}`),
    ...repeatedOf(found).map((line) => `${what} is there twice: ${line}`),
  ]
}

/** What is folded is what is stored, whether or not the device ever heard of it. */
const judgeFold = (device: Device, facts: DeviceFacts): readonly string[] => {
  const sequences = facts.events.map(({ sequence }) => sequence).toSorted((left, right) => left - right)
  const { intervals, hits } = foldStory(sequences.flatMap((sequence) => device.sentences[sequence - 1] ?? []))
  const spellHits = (counts: ReadonlyMap<string, number>) => [...counts].map(([key, count]) => `${count} times ${key}`)
  const firstMissing = sequences.findIndex((sequence, at) => sequence !== at + 1)
  const contiguous = firstMissing === -1 ? sequences.length : firstMissing
  return [
    ...difference('interval', spellIntervals(intervals), spellIntervals(facts.intervals)),
    ...difference('finding', spellHits(hits), spellHits(facts.hits)),
    ...(facts.contiguous === contiguous ? [] : [`the watermark is ${facts.contiguous} instead of ${contiguous}`]),
    ...(facts.announced === sequences.length
      ? []
      : [`${facts.announced} events of ${sequences.length} were announced`]),
  ]
}

const judgeTags = ({ tags }: DeviceFacts, confirmed: number | undefined, attempts: number): readonly string[] => {
  const found = tags.map((tag) => Number(tag.replace('turn=', '')))
  const [turn = 0] = found
  const fits = found.length <= 1 && turn >= (confirmed ?? 0) && turn <= attempts
  return fits ? [] : [`the tags are ${tags.join()} and ${confirmed} was acknowledged`]
}

const judgeDevices = (crowd: Crowd, facts: Facts): readonly string[] => {
  const { confirmed, attempts } = crowd.operator
  const known = new Map(facts.devices.map((device) => [device.hostname, device]))
  const faults = crowd.devices().flatMap((device) => {
    const found = known.get(device.name)
    if (device.deviceId() === null) return []
    if (found === undefined || found.deviceId !== device.deviceId()) return [`${device.name} enrolled and is not known`]
    const turn = confirmed.tags.get(found.deviceId)
    return [...judgeEvents(device, found), ...judgeFold(device, found), ...judgeTags(found, turn, attempts())].map(
      (fault) => `${device.name}: ${fault}`,
    )
  })
  return [
    ...faults,
    ...repeatedOf(facts.devices.map(({ hostname }) => hostname)).map((name) => `${name} is known twice`),
  ]
}

/** How often the history says that this happened to that. */
const countEntries = ({ audit }: Facts, action: string): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const entry of audit)
    if (entry.action === action) counts.set(entry.target.id, (counts.get(entry.target.id) ?? 0) + 1)
  return counts
}

const onceEach = (facts: Facts, action: string, ids: readonly string[]): readonly string[] => {
  const counts = countEntries(facts, action)
  return [
    ...ids
      .filter((id) => counts.get(id) !== 1)
      .map((id) => `the history has ${action} of ${id} ${counts.get(id) ?? 0} times`),
    ...[...new Set(counts.keys()).difference(new Set(ids))].map(
      (id) => `the history has ${action} of ${id}, which is not there`,
    ),
  ]
}

/** No gap, no entry without its deed, no deed without its entry. */
const judgeAudit = (facts: Facts): readonly string[] => {
  const { bad, head, anchor } = verifyChain(facts.audit)
  const { seq, hash } = facts.auditHead
  const deviceIds = facts.devices.map(({ deviceId }) => deviceId)
  return [
    ...(bad === null ? [] : [`the audit chain is ${bad.fault} at ${bad.seq}`]),
    ...(anchor === 'genesis' ? [] : [`the audit chain begins at ${anchor}`]),
    ...(head?.seq === seq && head.hash === hash ? [] : [`the audit chain ends at ${head?.seq} and its head is ${seq}`]),
    ...onceEach(facts, 'enrollment_token.issued', facts.tokenIds),
    ...onceEach(facts, 'device.enrolled', deviceIds),
    ...onceEach(facts, 'certificate.issued', facts.certificateSerials),
  ]
}

const judgeConfirmed = (confirmed: Confirmed, facts: Facts): readonly string[] => [
  ...lacking('token', confirmed.tokenIds, facts.tokenIds),
  ...lacking('revision', confirmed.revisionIds, facts.revisionIds),
  ...lacking('generation', confirmed.generations, facts.generations),
  ...repeatedOf(facts.generations).map((generation) => `generation ${generation} was published twice`),
]

/** Everything that is wrong; empty when the database holds what it must. */
export const findFaults = (crowd: Crowd, facts: Facts): readonly string[] => [
  ...crowd.surprises(),
  ...judgeDevices(crowd, facts),
  ...judgeAudit(facts),
  ...judgeConfirmed(crowd.operator.confirmed, facts),
]
