// A fleet that looks like one: ten thousand machines, and among them some of several systems that tests call by name, with
// packages, findings, changes and silences. Those are spoken in by real sensors; how the many come to be is grow.ts.
import {
  changeDevice,
  createGroup,
  publishRevision,
  readDevice,
  retireDevice,
  revokeDevice,
  savePolicy,
} from '@muster/contract'
import { call } from '@muster/http'
import { value } from '@muster/server/testing'
import { type Ground, openGround } from '../wire/ground.ts'
import { HOSTILE_STRINGS } from '../wire/hostile-strings.ts'
import type { Sensor } from '../wire/sensor-client.ts'
import { deliver, findingEvent, findingOn, itemEvent, mcpServer, npmItem } from '../wire/sensor-events.ts'
import type { SensorItem } from '../wire/sensor-payload.ts'
import { beatsOf } from './beats.ts'
import { exemplarsMs, speakExemplars } from './exemplars.ts'
import { growFleet } from './grow.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

const policyYaml = `apiVersion: fleet/v1
kind: Policy
metadata: { name: engineering, description: Default for developer machines }
agent:
  watch: { pollIntervalSeconds: 300 }
  includeBuiltinRules: true
  rules:
    - id: acme.npm-denylist
      surface: javascriptPackages
      triggers: [added, modified, present]
      match: fieldContainsAny
      field: name
      values: [plain-crypto-js]
      severity: critical
      title: Denied npm package
      rationale: Named in an incident advisory.
`

const packages: readonly (readonly [name: string, version: string])[] = [
  ['react', '19.3.1'],
  ['zod', '4.6.7'],
  ['axios', '1.13.5'],
  ['lodash', '4.17.21'],
  ['express', '5.1.0'],
  ['vite', '8.3.8'],
  ['typescript', '7.0.2'],
  ['left-pad', '1.3.0'],
]

interface Machine {
  readonly hostname: string
  readonly osVersion: string
  readonly hardwareModel: string
  readonly tags: readonly string[]
  /** How long ago it was heard last. */
  readonly silentMs: number
}

const machine = (hostname: string, kind: 'mac' | 'linux' | 'windows', team: string, silentMs = 0): Machine => ({
  hostname,
  osVersion: { mac: 'macOS 15.5 (24F74)', linux: 'Debian GNU/Linux 13', windows: 'Windows 11 24H2' }[kind],
  hardwareModel: { mac: 'Mac15,7', linux: 'x86_64', windows: 'ThinkPad T14' }[kind],
  tags: [`team=${team}`],
  silentMs,
})

export const machines: readonly Machine[] = [
  machine('ada-macbook', 'mac', 'web'),
  machine('build-01', 'linux', 'platform'),
  machine('build-02', 'linux', 'platform'),
  machine('build-03', 'linux', 'platform', 26 * hourMs),
  machine('carol-thinkpad', 'windows', 'data'),
  machine('dmitri-macbook', 'mac', 'web', 7 * minuteMs),
  machine('edge-berlin', 'linux', 'edge'),
  machine('edge-lagos', 'linux', 'edge', 3 * dayMs),
  machine('edge-osaka', 'linux', 'edge', 9 * minuteMs),
  machine('grace-macbook', 'mac', 'data'),
  machine('kiosk-lobby', 'windows', 'office', 12 * dayMs),
  machine('li-macbook', 'mac', 'web', 5 * hourMs),
  machine('lab-gpu', 'linux', 'data'),
  machine('old-mini', 'mac', 'office', 20 * dayMs),
  machine('radia-macbook', 'mac', 'platform'),
  machine('stolen-laptop', 'mac', 'office', 2 * dayMs),
]

export interface Fleet extends Ground {
  readonly sensors: ReadonlyMap<string, Sensor>
  idOf(hostname: string): string
}

/** Opens the ground at whichever moment the test wants it to be. */
interface Time {
  readonly nowMs: () => number
  goTo(ms: number): void
}

const createTime = (): Time => {
  let offsetMs = 0
  return {
    nowMs: () => Date.now() + offsetMs,
    goTo: (ms) => {
      offsetMs = ms - Date.now()
    },
  }
}

const inventoryOf = (at: number): readonly SensorItem[] => [
  ...packages.slice(0, 4 + (at % 5)).map(([name, version]) => npmItem(name, version)),
  mcpServer('github', 'npx -y @modelcontextprotocol/server-github'),
]

const scan = async (sensor: Sensor, items: readonly SensorItem[], observedAtMs: number): Promise<void> => {
  await deliver(
    sensor,
    items.map((item) => itemEvent(item, 'added', { observedAtMs })),
  )
}

const bad = npmItem('plain-crypto-js', '4.2.1')

const incident = async (sensor: Sensor, nowMs: number): Promise<void> => {
  const when = { observedAtMs: nowMs, collectedAtMs: nowMs - 5 }
  await deliver(sensor, [
    itemEvent(npmItem('axios', '1.14.1'), 'added', when),
    itemEvent(bad, 'added', when),
    findingEvent(
      findingOn(bad, {
        ruleId: 'acme.npm-denylist',
        title: 'Denied npm package',
        rationale: 'Named in an incident advisory.',
        severity: 'critical',
        observedAt: new Date(nowMs).toISOString(),
        evidence: { path: bad.path, matchedField: 'name', matchedValue: 'plain-crypto-js' },
      }),
      when,
    ),
  ])
}

const mcpFinding = async (sensor: Sensor, nowMs: number, severity: 'suspicious' | 'notable'): Promise<void> => {
  const item = mcpServer('notes', 'npx -y notes-mcp@latest')
  const when = { observedAtMs: nowMs, collectedAtMs: nowMs - 5 }
  const finding = findingOn(item, {
    ruleId: 'mcp.floating-version',
    title: 'MCP server without a fixed version',
    severity,
    observedAt: new Date(nowMs).toISOString(),
  })
  await deliver(sensor, [itemEvent(item, 'added', when), findingEvent(finding, when)])
}

/** Answers the generation of the policy that is in force from then on. */
const describe = async (ground: Ground, sensors: ReadonlyMap<string, Sensor>): Promise<string> => {
  const { owner } = ground.server
  await value(call(owner, createGroup, { body: { name: 'web team', tag: 'team=web' } }))
  const { policy, revision } = await value(call(owner, savePolicy, { body: { yaml: policyYaml } }))
  const { generation } = await value(
    call(owner, publishRevision, { params: { id: revision.id }, body: {}, ifMatch: policy.version }),
  )
  for (const { hostname, tags } of machines) {
    const id = sensors.get(hostname)?.identity().deviceId ?? ''
    const { version } = await value(call(owner, readDevice, { params: { id } }))
    await value(call(owner, changeDevice, { params: { id }, body: { tags: [...tags] }, ifMatch: version }))
  }
  return generation
}

const sensorIn = (sensors: ReadonlyMap<string, Sensor>, hostname: string): Sensor => {
  const sensor = sensors.get(hostname)
  if (sensor === undefined) throw new Error(`no machine is called ${hostname}`)
  return sensor
}

const speak = async (sensor: Sensor, silentMs: number, nowMs: number): Promise<void> => {
  await scan(sensor, [npmItem('prettier', `3.6.${silentMs % 7}`)], nowMs - silentMs - 5)
  // The first check-in hears of the policy, the second says that it is in force; who fell silent never did.
  for (let ticks = silentMs < hourMs ? 2 : 0; ticks > 0; ticks -= 1) await sensor.tick()
}

interface LastWords {
  readonly ground: Ground
  readonly sensors: ReadonlyMap<string, Sensor>
  readonly time: Time
  readonly nowMs: number
}

/** What each machine said last, and the heartbeats of one of them, in the order in which the server heard it. */
const sayLastWords = async ({ ground, sensors, time, nowMs }: LastWords): Promise<void> => {
  const beats = beatsOf(ground, sensorIn(sensors, 'ada-macbook'), nowMs)
  const moments: readonly (readonly [atMs: number, act: () => Promise<void>])[] = [
    ...machines.map(
      ({ hostname, silentMs }) =>
        [nowMs - silentMs, () => speak(sensorIn(sensors, hostname), silentMs, nowMs)] as const,
    ),
    ...beats.moments.map((atMs) => [atMs, () => beats.beat(atMs)] as const),
  ]
  for (const [atMs, act] of moments.toSorted(([left], [right]) => left - right)) {
    time.goTo(atMs)
    await act()
  }
  beats.close()
}

export interface FleetWishes extends NonNullable<Parameters<typeof openGround>[0]> {
  /** How many machines there are besides those with names. */
  readonly devices?: number
}

/** What a host may call itself. */
const oddNames = Object.values(HOSTILE_STRINGS).filter(
  (text) => text.isWellFormed() && text.trim() !== '' && !text.includes('\0') && text.length <= 512,
)

/** Opens a server with the dashboard and a fleet on it whose newest words were said just now. */
export const openFleet = async ({ devices = 10_000, ...wishes }: FleetWishes = {}): Promise<Fleet> => {
  const time = createTime()
  const nowMs = Date.now()
  const startMs = nowMs - 45 * dayMs
  time.goTo(startMs)
  const ground = await openGround({ ...wishes, clock: { nowMs: time.nowMs } })
  const exemplarIds = await speakExemplars(ground, startMs, time.goTo)
  const sensors = new Map<string, Sensor>()
  for (const [at, { hostname, osVersion, hardwareModel }] of machines.entries()) {
    time.goTo(nowMs - (30 - at) * dayMs)
    const sensor = await ground.enrolled({ hostname, osVersion, hardwareModel })
    sensors.set(hostname, sensor)
    await scan(sensor, inventoryOf(at), nowMs - (30 - at) * dayMs)
  }
  const generation = await describe(ground, sensors)
  await sayLastWords({ ground, sensors, time, nowMs })
  const sensorOf = (hostname: string): Sensor => sensorIn(sensors, hostname)
  time.goTo(nowMs)
  await incident(sensorOf('ada-macbook'), nowMs)
  await incident(sensorOf('build-02'), nowMs)
  await mcpFinding(sensorOf('grace-macbook'), nowMs, 'suspicious')
  await mcpFinding(sensorOf('lab-gpu'), nowMs, 'notable')
  const idOf = (hostname: string): string => sensorOf(hostname).identity().deviceId
  const { owner } = ground.server
  await value(call(owner, revokeDevice, { params: { id: idOf('stolen-laptop') }, body: { reason: 'reported stolen' } }))
  await value(call(owner, retireDevice, { params: { id: idOf('old-mini') }, body: { reason: 'replaced' } }))
  const spokenMs = startMs + exemplarsMs
  await growFleet(ground, { exemplarIds, devices, spokenMs, nowMs, generation, oddNames })
  return { ...ground, sensors, idOf }
}
