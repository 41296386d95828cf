// A few machines that say early on what the many are known for: packages of two surfaces, an upgrade, something that went,
// and what rules found. Nothing of it is what the machines of fleet.ts have.
import type { Ground } from '../wire/ground.ts'
import type { Sensor } from '../wire/sensor-client.ts'
import { deliver, findingEvent, findingOn, itemEvent, mcpServer, npmItem } from '../wire/sensor-events.ts'

const dayMs = 86_400_000

const kinds = [
  { osVersion: 'macOS 15.5 (24F74)', hardwareModel: 'Mac15,7' },
  { osVersion: 'Debian GNU/Linux 13', hardwareModel: 'x86_64' },
  { osVersion: 'Windows 11 24H2', hardwareModel: 'Latitude 5450' },
  { osVersion: 'Ubuntu 24.04.3 LTS', hardwareModel: 'x86_64' },
  { osVersion: 'macOS 14.7 (23H124)', hardwareModel: 'Mac14,2' },
] as const

const names = ['chalk', 'debug', 'semver', 'undici', 'esbuild', 'postcss', 'rollup', 'commander', 'glob', 'ws'] as const

const severities = ['info', 'notable', 'info', 'suspicious', 'info'] as const

const firstScan = (at: number, atMs: number) => [
  ...names
    .slice(0, 6 + at)
    .map((name, place) => itemEvent(npmItem(name, `${place + 1}.${at}.0`), 'added', { observedAtMs: atMs })),
  itemEvent(mcpServer('files', 'npx -y @modelcontextprotocol/server-filesystem'), 'added', { observedAtMs: atMs }),
]

const laterScan = (at: number, atMs: number) => {
  const when = { observedAtMs: atMs, collectedAtMs: atMs - 5 }
  const upgraded = npmItem('chalk', `1.${at}.1`)
  const finding = findingOn(upgraded, {
    ruleId: 'packages.changed-javascript-package',
    title: 'JavaScript package changed',
    severity: severities[at] ?? 'info',
    observedAt: new Date(atMs).toISOString(),
  })
  return [
    itemEvent(npmItem('debug', `2.${at}.0`), 'removed', when),
    itemEvent(upgraded, 'added', when),
    findingEvent(finding, when),
  ]
}

const speak = async (sensor: Sensor, at: number, startMs: number, goTo: (ms: number) => void): Promise<void> => {
  goTo(startMs)
  await deliver(sensor, firstScan(at, startMs))
  await sensor.tick()
  goTo(startMs + dayMs)
  await deliver(sensor, laterScan(at, startMs + dayMs))
}

/** How long they take to say it. */
export const exemplarsMs = 2 * dayMs

/** Their ids; the clock is left where they ended. */
export const speakExemplars = async (
  ground: Ground,
  startMs: number,
  goTo: (ms: number) => void,
): Promise<readonly string[]> => {
  const ids: string[] = []
  for (const [at, kind] of kinds.entries()) {
    goTo(startMs)
    const sensor = await ground.enrolled({ hostname: `ws-${99_000 + at}`, ...kind })
    await speak(sensor, at, startMs, goTo)
    ids.push(sensor.identity().deviceId)
  }
  goTo(startMs + exemplarsMs)
  await ground.server.rooms.identity.flush()
  return ids
}
