// Operators' requests, each done for its operator's tenant, from the first statement to the last line of an export.
// What a database makes of that is the storage edge's; who the operator is was asked before.
import type { Served } from '@muster/http'
import type { KnownOperator } from '@muster/identity'
import { ok } from '@muster/kernel'
import { withinTenant } from '@muster/storage'

/** A stream is read when its handler has long returned, by whoever sends it. */
const streamWithin = (tenantId: string, values: AsyncIterable<unknown>): AsyncIterable<unknown> => ({
  [Symbol.asyncIterator]() {
    const iterator = values[Symbol.asyncIterator]()
    return {
      next: () => withinTenant(tenantId, () => iterator.next()),
      return: async () => {
        await withinTenant(tenantId, () => iterator.return?.())
        return { done: true, value: undefined }
      },
    }
  },
})

const isStream = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/** Whoever signs in is nobody yet; that route is served as it is. */
export const serveWithinTenant = ({ route, handle }: Served<KnownOperator>): Served<KnownOperator> => {
  if (route.speaker !== 'operator') return { route, handle }
  return {
    route,
    async handle(said) {
      const { tenantId } = said.speaker
      const answer = await withinTenant(tenantId, () => handle(said))
      return answer.ok && isStream(answer.value) ? ok(streamWithin(tenantId, answer.value)) : answer
    },
  }
}
