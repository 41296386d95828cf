// Proof that the verdict of the chaos tests can be guilty: each thing that may go wrong, done to sound facts by hand.
// Sound facts come from a server in this process that nobody kills.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '@muster/server/testing'
import { type Crowd, createCrowd, workUntil } from './crowd.ts'
import { chooseSeed, createDice } from './dice.ts'
import { type DeviceFacts, type Facts, readDataFolder } from './facts.ts'
import { findFaults } from './verdict.ts'

let server: TestServer
let crowd: Crowd
let facts: Facts

before(async () => {
  server = await startTestServer()
  const ca = await (await fetch(`${server.api.url}/ca.pem`)).text()
  const endpoint = `https://127.0.0.1:${server.gateway?.port}`
  const dice = createDice(chooseSeed('MUSTER_CHAOS_SEED'))
  crowd = createCrowd({ endpoint, ca, owner: server.owner, dice, devices: 1 })
  const { confirmed } = crowd.operator
  await workUntil(
    crowd,
    () =>
      (crowd.devices()[0]?.ackedCount() ?? 0) > 300 &&
      confirmed.tokenIds.length > 1 &&
      confirmed.tags.size > 0 &&
      confirmed.generations.length > 0,
  )
  facts = await readDataFolder(server.dataDir)
})
after(async () => {
  crowd.close()
  await server.close()
})

test('what a server keeps that nobody harmed is sound', () => assert.deepEqual(findFaults(crowd, facts), []))

const [first, rest] = [<T>(list: readonly T[]): T[] => list.slice(0, 1), <T>(list: readonly T[]): T[] => list.slice(1)]

const ofDevice = (harm: (device: DeviceFacts) => Partial<DeviceFacts>) => (facts: Facts) => ({
  devices: facts.devices.map((device) => ({ ...device, ...harm(device) })),
})

const doubled = <T>(list: readonly T[]): readonly T[] => [...list, ...first(list)]

const harms: readonly {
  readonly name: string
  readonly harm: (facts: Facts) => Partial<Facts>
  readonly says: RegExp
}[] = [
  {
    name: 'a lost event',
    harm: ofDevice(({ events }) => ({ events: rest(events) })),
    says: /event \S+ was acknowledged and is not there/,
  },
  {
    name: 'an event twice',
    harm: ofDevice(({ events }) => ({ events: doubled(events) })),
    says: /event \S+ is stored twice/,
  },
  {
    name: 'other bytes',
    harm: ofDevice(({ events }) => ({ events: events.map((event) => ({ ...event, payload: Buffer.from('x') })) })),
    says: /never sent like that/,
  },
  {
    name: 'a later epoch',
    harm: ofDevice(({ events }) => ({ events: events.map((event) => ({ ...event, epoch: 2 })) })),
    says: /is in a later epoch/,
  },
  {
    name: 'a lost interval',
    harm: ofDevice(({ intervals }) => ({ intervals: rest(intervals) })),
    says: /interval should be there/,
  },
  {
    name: 'an interval twice',
    harm: ofDevice(({ intervals }) => ({ intervals: doubled(intervals) })),
    says: /interval is there twice/,
  },
  {
    name: 'an interval from another moment',
    harm: ofDevice(({ intervals }) => ({ intervals: intervals.map((held) => ({ ...held, fromMs: held.fromMs + 1 })) })),
    says: /interval should not be there/,
  },
  {
    name: 'a hit counted twice',
    harm: ofDevice(({ hits }) => ({ hits: new Map([...hits].map(([key, count]) => [key, count + 1])) })),
    says: /finding should not be there/,
  },
  {
    name: 'a watermark too far',
    harm: ofDevice(({ contiguous }) => ({ contiguous: contiguous + 1 })),
    says: /the watermark is/,
  },
  {
    name: 'a batch announced twice',
    harm: ofDevice(({ announced }) => ({ announced: announced + 1 })),
    says: /were announced/,
  },
  { name: 'a lost tag', harm: ofDevice(() => ({ tags: [] })), says: /the tags are/ },
  { name: 'a lost device', harm: () => ({ devices: [] }), says: /enrolled and is not known/ },
  { name: 'a device twice', harm: ({ devices }) => ({ devices: doubled(devices) }), says: /is known twice/ },
  { name: 'a lost token', harm: ({ tokenIds }) => ({ tokenIds: rest(tokenIds) }), says: /token \S+ was acknowledged/ },
  {
    name: 'a token without an entry',
    harm: ({ tokenIds }) => ({ tokenIds: [...tokenIds, 'x'] }),
    says: /of x 0 times/,
  },
  {
    name: 'a lost certificate',
    harm: () => ({ certificateSerials: [] }),
    says: /certificate\.issued of \S+, which is not there/,
  },
  { name: 'a lost revision', harm: () => ({ revisionIds: [] }), says: /revision \S+ was acknowledged/ },
  { name: 'a lost generation', harm: () => ({ generations: [] }), says: /generation \S+ was acknowledged/ },
  {
    name: 'a generation twice',
    harm: ({ generations }) => ({ generations: doubled(generations) }),
    says: /was published twice/,
  },
  {
    name: 'a gap in the history',
    harm: ({ audit }) => ({ audit: audit.toSpliced(1, 1) }),
    says: /the audit chain is missing at 2/,
  },
  {
    name: 'a history cut at its end',
    harm: ({ audit }) => ({ audit: audit.slice(0, -1) }),
    says: /the audit chain ends at/,
  },
  {
    name: 'a history cut at its start',
    harm: ({ audit }) => ({ audit: rest(audit) }),
    says: /the audit chain begins at none/,
  },
  {
    name: 'an entry that was changed',
    harm: ({ audit }) => ({ audit: audit.map((entry, at) => (at === 2 ? { ...entry, action: 'x' } : entry)) }),
    says: /the audit chain is altered at 3/,
  },
]

for (const { name, harm, says } of harms)
  test(`${name} is noticed`, () => assert.match(findFaults(crowd, { ...facts, ...harm(facts) }).join('\n'), says))
