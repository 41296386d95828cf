// Where each operator was heard from: their first use of a new address goes into the audit history (fleet-product 11).
// Where a token may be used from at all is networks.ts.
import type { Log } from '@muster/kernel'
import type { Kysely } from 'kysely'
import { byOperator, type KnownOperator } from '../speakers.ts'
import type { IdentityTables } from '../tables.ts'
import type { TakeTurn } from '../turns.ts'
import { deleteEndedAddresses, hasAddress, insertAddress } from './address-store.ts'
import { placeOf } from './networks.ts'

export interface Addresses {
  /** Returns once a use from a new address is on record; until it is, every further use tries again. */
  note(operator: KnownOperator, ip: string): Promise<void>
  /** Forgets the addresses of tokens that open nothing any more. */
  tidy(): Promise<void>
}

export interface AddressesNeeds {
  readonly db: Kysely<IdentityTables>
  readonly takeTurn: TakeTurn
  readonly log: Log
}

/** Beyond so many this process asks the database again, which remembers all of them. */
const mostRemembered = 10_000

export const createAddresses = ({ db, takeTurn, log }: AddressesNeeds): Addresses => {
  const remembered = new Map<string, Promise<void>>()

  const record = async (operator: KnownOperator, address: string, ip: string): Promise<void> => {
    const { tenantId, operatorId } = operator
    if (await hasAddress(db, tenantId, operatorId, address)) return
    await takeTurn(async (turn) => {
      const row = { tenant_id: tenantId, operator_id: operatorId, address, first_used_ms: turn.nowMs }
      if (!(await insertAddress(turn.tx, row))) return
      const target = { type: 'operator_token', id: operatorId }
      const by = byOperator(operator, ip, '')
      turn.record({ by, tenantId, action: 'operator_token.used_from_new_address', target, details: { address } })
    })
  }
  return {
    note(operator, ip) {
      const address = placeOf(ip)
      if (address === null) return Promise.resolve()
      const key = JSON.stringify([operator.tenantId, operator.operatorId, address])
      const before = remembered.get(key)
      if (before !== undefined) return before
      if (remembered.size >= mostRemembered) remembered.clear()
      // A store that cannot write now must not lock out the operator who came to see why.
      const noted = record(operator, address, ip).catch((error: unknown) => {
        remembered.delete(key)
        log.warn('use from a new address not recorded yet', { err: error })
      })
      remembered.set(key, noted)
      return noted
    },
    tidy: () => takeTurn((turn) => deleteEndedAddresses(turn.tx, turn.nowMs)),
  }
}
