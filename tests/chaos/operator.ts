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
import { type Called, type Client, call } from '@muster/http/client'
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
  /** The raw value of a new token, or null when the server could not make it now. */
  askToken(label: string): Promise<string | null>
  /** One thing that operators do; answers the status of the reply. */
  step(): Promise<number>
  /** Refusals that no working server gives. */
  readonly surprises: readonly string[]
}

/** While a server stops or has no room. */
const understood: ReadonlySet<string> = new Set(['store_busy', 'shutting_down'])

const policyText = (name: string, turn: number): string =>
  `apiVersion: fleet/v1\nkind: Policy\nmetadata: { name: ${name} }\nagent: { sync: { maxBatchEvents: ${20 + (turn % 180)} } }\n`

export const createOperator = (client: () => Client, dice: Dice): Operator => {
  const tokenIds: string[] = []
  const revisionIds: string[] = []
  const generations: string[] = []
  const tags = new Map<string, number>()
  const surprises: string[] = []
  let turn = 0

  const judge = <T>(what: string, called: Called<T>): T | null => {
    if (called.ok) return called.value
    const { code, detail, status } = called.refusal
    if (!understood.has(code)) surprises.push(`${what} was refused: ${status} ${code} ${detail ?? ''}`)
    return null
  }
  const askToken = async (label: string): Promise<string | null> => {
    const made = judge('a token', await call(client(), createEnrollmentToken, { body: { label } }))
    if (made !== null) tokenIds.push(made.id)
    return made?.token ?? null
  }
  const tag = async (): Promise<boolean> => {
    const listed = judge('the list of devices', await call(client(), listDevices, { query: { limit: '200' } }))
    const [first, ...more] = listed?.items ?? []
    if (first === undefined) return listed !== null
    const params = { id: dice.pick([first, ...more]).id }
    const device = judge('a device', await call(client(), readDevice, { params }))
    if (device === null) return false
    const asked = { params, body: { tags: [`turn=${turn}`] }, ifMatch: device.version }
    const changed = judge('a tag', await call(client(), changeDevice, asked))
    if (changed !== null) tags.set(params.id, turn)
    return changed !== null
  }
  const publish = async (): Promise<boolean> => {
    const yaml = policyText(dice.pick(['base', 'strict']), turn)
    const saved = judge('a policy', await call(client(), savePolicy, { body: { yaml } }))
    if (saved === null) return false
    revisionIds.push(saved.revision.id)
    const params = { id: saved.revision.id }
    const published = judge('a publication', await call(client(), publishRevision, { params, body: {} }))
    if (published !== null) generations.push(published.generation)
    return published !== null
  }
  return {
    confirmed: { tokenIds, revisionIds, generations, tags },
    surprises,
    attempts: () => turn,
    askToken,
    async step() {
      turn += 1
      const deed = dice.pick(['token', 'tag', 'tag', 'publish'])
      if (deed === 'token') return (await askToken(`turn ${turn}`)) === null ? 503 : 201
      return (await (deed === 'tag' ? tag() : publish())) ? 200 : 503
    },
  }
}
