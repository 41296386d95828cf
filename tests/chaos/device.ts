// A simulated device: a sensor with an outbox that tells its story to whatever server answers, and remembers what it heard.
// How a sensor speaks is tests/wire; what should have become of the story is judged in verdict.ts.
import { createSensor, type Sensor } from '../wire/sensor-client.ts'
import type { Envelope } from '../wire/sensor-outbox.ts'
import type { Dice } from './dice.ts'
import { createStory, type Sentence } from './story.ts'

export interface DeviceWishes {
  readonly name: string
  readonly endpoint: string
  readonly ca: string
  readonly token: string
  readonly dice: Dice
}

export interface Device {
  readonly name: string
  /** Null until a server let it in and the reply arrived. */
  deviceId(): string | null
  /** What it told so far; the sentence with sequence n is number n - 1. */
  readonly sentences: readonly Sentence[]
  /** Sequences and ids of everything queued; those acknowledged are marked. */
  told(): readonly { readonly envelope: Envelope; readonly acked: boolean }[]
  /** How many of those were acknowledged. */
  ackedCount(): number
  /** One thing that such a device does: enrol, tell more, repeat itself. Answers `done` or the code of the refusal. */
  step(): Promise<string>
  /** Tells nothing new, only delivers what is left; answers whether something is. */
  deliver(): Promise<boolean>
  /** Replies that no working server gives. */
  readonly surprises: readonly string[]
  close(): void
}

const mostWaiting = 400
/** Further than any back-off, so that whatever waits is due at the next step. */
const stepMs = 3_600_000
/** So long ago the story begins; it goes on for less than that. */
const storyMs = 600_000
/** While a server stops or has no room. */
const understood: ReadonlySet<string> = new Set(['store_busy', 'shutting_down'])

const codeIn = (text: string): string => {
  try {
    return (JSON.parse(text) as { error: { code: string } }).error.code
  } catch {
    return 'no code'
  }
}

export const createDevice = ({ name, endpoint, ca, token, dice }: DeviceWishes): Device => {
  const limits = { maxBatchEvents: dice.between(5, 120) }
  const sensor: Sensor = createSensor({ endpoint, ca, enrollmentToken: token, hostname: name, limits })
  const story = createStory(dice.fork(), Date.now() - storyMs)
  const sentences: Sentence[] = []
  const surprises: string[] = []
  let nowMs = Date.now()

  const rows = () => sensor.outbox.rows()
  const waiting = (): number => sensor.outbox.backlog(sensor.identity().deviceId).syncBacklogEvents
  const judge = (what: string, { status, text, faults }: Judged): string => {
    const outcome = status === 200 ? 'done' : codeIn(text)
    if (status === 200 ? faults.length > 0 : status !== 503 || !understood.has(outcome))
      surprises.push(`${name}: ${what} was answered ${status} ${faults.join('; ')} ${text.slice(0, 300)}`)
    return outcome
  }
  const tell = (count: number): void => {
    for (let told = 0; told < count; told += 1) {
      const sentence = story()
      sentences.push(sentence)
      sensor.queue(sentence.event)
    }
  }
  const enroll = async (): Promise<string> => {
    const { enrolled } = await sensor.launch()
    return enrolled === null ? 'done' : judge('enrolment', enrolled)
  }
  const tick = async (): Promise<string> => {
    nowMs += stepMs
    return judge('a tick', await sensor.tick(nowMs))
  }
  /** What was acknowledged once is sent again, as after a reply that got lost: all of it must be known. */
  const repeat = async (): Promise<string> => {
    const acked = rows().filter(({ state }) => state === 'acked')
    const from = dice.below(acked.length + 1)
    const envelopes = acked.slice(from, from + 30).map(({ envelope }) => envelope)
    const reply = await sensor.say('sync', sensor.frame(envelopes))
    for (const { eventId, duplicate } of reply.body?.acceptedEvents ?? [])
      if (!duplicate) surprises.push(`${name}: ${eventId} was acknowledged, and is new to the server`)
    for (const { eventId, code } of reply.body?.rejectedEvents ?? [])
      surprises.push(`${name}: ${eventId} was acknowledged, and is now ${code}`)
    return judge('a repetition', reply)
  }
  return {
    name,
    sentences,
    surprises,
    deviceId: () => sensor.state()?.deviceId ?? null,
    told: () => rows().map(({ envelope, state }) => ({ envelope, acked: state === 'acked' })),
    ackedCount: () => rows().filter(({ state }) => state === 'acked').length,
    async step() {
      if (sensor.state() === null) return enroll()
      if (waiting() < mostWaiting) tell(dice.between(0, 60))
      return dice.chance(0.1) ? repeat() : tick()
    },
    async deliver() {
      if (sensor.state() === null) await enroll()
      else if (waiting() > 0) await tick()
      return sensor.state() === null || waiting() > 0
    },
    close: () => sensor.close(),
  }
}

interface Judged {
  readonly status: number
  readonly text: string
  readonly faults: readonly string[]
}
