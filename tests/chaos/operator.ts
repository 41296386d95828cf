// An operator at work while the server dies: makes tokens, tags devices, publishes policies, and notes what was confirmed.
// Whether what was confirmed is still there is judged in verdict.ts.
import {
  changeDevice,
  createEnrollmentToken,
  listDevices,
  publishRevision,
  readDevice,
  savePolicy,
} from '@muster/contract'
import { type Client, call, type RemoteRefusal } from '@muster/http/client'
import type { Dice } from './dice.ts'

export interface Confirmed {
  readonly tokenIds: readonly string[]
  readonly revisionIds: readonly string[]
  readonly generations: readonly string[]
  /** By device: the number in its tag that was confirmed last. */
  readonly tags: ReadonlyMap<string, number>
}

export interface Operator {
  readonly confirmed: Confirmed
  /** Made at any time, confirmed or not. */
  attempts(): number
  /** The raw value of a new token, or the code of the refusal. */
  askToken(label: string): Promise<{ readonly token: string } | string>
  /** One thing that operators do; answers `done` or the code of the refusal. */
  step(): Promise<string>
  /** Refusals that no working server gives. */
  readonly surprises: readonly string[]
}

/** While a server stops or has no room. */
const understood: ReadonlySet<string> = new Set(['store_busy', 'shutting_down'])

const policyText = (name: string, turn: number): string =>
  `apiVersion: fleet/v1\nkind: Policy\nmetadata: { name: ${name} }\nagent: { sync: { maxBatchEvents: ${20 + (turn % 180)} } }\n`

export const createOperator = (client: Client, dice: Dice): Operator => {
  const tokenIds: string[] = []
  const revisionIds: string[] = []
  const generations: string[] = []
  const tags = new Map<string, number>()
  const surprises: string[] = []
  let turn = 0

  /** Answers the code of the refusal, which is noted when no working server gives it. */
  const judge = (what: string, { code, detail, status }: RemoteRefusal): string => {
    if (!understood.has(code)) surprises.push(`${what} was refused: ${status} ${code} ${detail ?? ''}`)
    return code
  }
  const askToken = async (label: string): Promise<{ readonly token: string } | string> => {
    const made = await call(client, createEnrollmentToken, { body: { label } })
    if (!made.ok) return judge('a token', made.refusal)
    tokenIds.push(made.value.id)
    return { token: made.value.token }
  }
  const tag = async (): Promise<string> => {
    const listed = await call(client, listDevices, { query: { limit: '200' } })
    if (!listed.ok) return judge('the list of devices', listed.refusal)
    const [first, ...more] = listed.value.items
    if (first === undefined) return 'done'
    const params = { id: dice.pick([first, ...more]).id }
    const device = await call(client, readDevice, { params })
    if (!device.ok) return judge('a device', device.refusal)
    const asked = { params, body: { tags: [`turn=${turn}`] }, ifMatch: device.value.version }
    const changed = await call(client, changeDevice, asked)
    if (!changed.ok) return judge('a tag', changed.refusal)
    tags.set(params.id, turn)
    return 'done'
  }
  const publish = async (): Promise<string> => {
    const yaml = policyText(dice.pick(['base', 'strict']), turn)
    const saved = await call(client, savePolicy, { body: { yaml } })
    if (!saved.ok) return judge('a policy', saved.refusal)
    revisionIds.push(saved.value.revision.id)
    const params = { id: saved.value.revision.id }
    const published = await call(client, publishRevision, { params, body: {}, ifMatch: saved.value.policy.version })
    if (!published.ok) return judge('a publication', published.refusal)
    generations.push(published.value.generation)
    return 'done'
  }
  return {
    confirmed: { tokenIds, revisionIds, generations, tags },
    surprises,
    attempts: () => turn,
    askToken,
    async step() {
      turn += 1
      const deed = dice.pick(['token', 'tag', 'tag', 'publish'])
      if (deed === 'tag') return tag()
      if (deed === 'publish') return publish()
      const made = await askToken(`turn ${turn}`)
      return typeof made === 'string' ? made : 'done'
    },
  }
}
