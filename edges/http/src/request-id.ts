// Request ids: a random beginning chosen when the process starts, then a count.
// They name a request in logs, audit and replies; they are not secrets and prove nothing.
import { ID_PREFIX } from '@muster/contract'
import { newId } from '@muster/kernel'

/** A source of ids that never repeats within a process, and practically never between two. */
export const createRequestIds = (): (() => string) => {
  const start = newId(ID_PREFIX.request).slice(0, ID_PREFIX.request.length + 11)
  let count = 0
  return () => {
    count += 1
    return `${start}${count.toString(36)}`
  }
}
