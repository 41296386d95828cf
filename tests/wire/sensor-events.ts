// Events as scans of the macOS agent make them: items of each surface, findings about them, and how they are queued.
// Bytes are sensor-payload.ts, envelopes and the outbox sensor-outbox.ts.
import { randomUUID } from 'node:crypto'
import type { Sensor } from './sensor-client.ts'
import { type Envelope, type QueuedEvent, sensorTime } from './sensor-outbox.ts'
import { itemIdOf, payloadOf, type SensorFinding, type SensorItem } from './sensor-payload.ts'

const lockfile = '/Users/ada/src/app/package-lock.json'

/** A package of an npm lockfile. */
export const npmItem = (name: string, version: string, more: Partial<SensorItem> = {}): SensorItem => {
  const named = {
    surface: 'javascriptPackages',
    kind: 'package',
    name,
    version,
    path: lockfile,
    origin: 'npm',
    ...more,
  }
  return { itemId: itemIdOf(named), ...named }
}

export const mcpServer = (name: string, detail: string): SensorItem => {
  const named = { surface: 'claudeConfig', kind: 'mcpServer', name, path: '/Users/ada/.claude.json' }
  return { itemId: itemIdOf(named), ...named, origin: detail.split(' ')[0] ?? '', detail }
}

export const findingOn = (item: SensorItem, more: Partial<SensorFinding> = {}): SensorFinding => ({
  id: randomUUID().toUpperCase(),
  surface: item.surface,
  itemId: item.itemId,
  ruleId: 'packages.new-javascript-package',
  title: 'New JavaScript package',
  rationale: 'A package appeared in a lockfile.',
  severity: 'info',
  itemName: item.name,
  evidence: { path: item.path, matchedField: 'kind', matchedValue: item.kind },
  observedAt: sensorTime(Date.now()),
  ...more,
})

export interface When {
  readonly observedAtMs?: number
  readonly collectedAtMs?: number
}

/** A baseline has one moment for both times; a later scan observes after it collected. */
export const itemEvent = (item: SensorItem, kind: QueuedEvent['kind'] = 'added', when: When = {}): QueuedEvent => {
  const { observedAtMs = Date.now() } = when
  const { collectedAtMs = observedAtMs } = when
  return { surface: item.surface, kind, payload: payloadOf({ item }), observedAtMs, collectedAtMs }
}

/** Findings always say `modified`, whatever happened to the item. */
export const findingEvent = (finding: SensorFinding, when: When = {}): QueuedEvent => {
  const { observedAtMs = Date.parse(finding.observedAt) } = when
  const { collectedAtMs = observedAtMs } = when
  return { surface: finding.surface, kind: 'modified', payload: payloadOf({ finding }), observedAtMs, collectedAtMs }
}

/** Queues and delivers, tick by tick, until nothing waits; throws when a tick fails or an event is refused. */
export const deliver = async (sensor: Sensor, events: readonly QueuedEvent[]): Promise<readonly Envelope[]> => {
  const envelopes = events.map((event) => sensor.queue(event))
  while (sensor.outbox.backlog(sensor.identity().deviceId).syncBacklogEvents > 0) {
    const reply = await sensor.tick()
    if (reply.body === undefined) throw new Error(`not delivered: ${reply.faults.join()} ${reply.text}`)
    if ('rejectedEvents' in reply.body && reply.body.rejectedEvents.length > 0)
      throw new Error(`rejected: ${JSON.stringify(reply.body.rejectedEvents[0])}`)
  }
  return envelopes
}
