// The way in on a fresh server: when no owner can sign in, one owner token is made and left in a file.
// Making further tokens is operators.ts.
import { join } from 'node:path'
import { BEARER_PREFIX, DEFAULT_TENANT_ID, ID_PREFIX } from '@muster/contract'
import { type Log, newBearer, newId, sha256Hex } from '@muster/kernel'
import { writePrivateFile } from '../private-file.ts'
import { bySystem } from '../speakers.ts'
import type { TakeTurn } from '../turns.ts'
import { firstOwnerSeconds } from './decide.ts'
import { hasLivingOwner, insertOperatorToken } from './store.ts'

/**
 * Also the way back in when every owner's token was lost to time: whoever can restart the server and read its data
 * folder owns it. The file is written before the row is committed, so a token never exists unread.
 */
export const ensureFirstOwner = (takeTurn: TakeTurn, dataDir: string, log: Log): Promise<void> =>
  takeTurn(async (turn) => {
    const { tx, nowMs } = turn
    if (await hasLivingOwner(tx, DEFAULT_TENANT_ID, nowMs)) return
    const raw = newBearer(BEARER_PREFIX.operator)
    const path = join(dataDir, 'admin-token')
    await writePrivateFile(path, `${raw}\n`)
    const by = bySystem(newId(ID_PREFIX.request))
    const row = await insertOperatorToken(tx, {
      token_id: newId(ID_PREFIX.operatorToken),
      tenant_id: DEFAULT_TENANT_ID,
      name: 'first owner',
      role: 'owner',
      digest: sha256Hex(raw),
      created_by: by.actor.id,
      created_by_name: by.actor.id,
      created_ms: nowMs,
      expires_ms: nowMs + firstOwnerSeconds * 1000,
    })
    const target = { type: 'operator_token', id: row.token_id }
    const details = { name: row.name, role: row.role }
    turn.record({ by, tenantId: DEFAULT_TENANT_ID, action: 'operator_token.created', target, details })
    turn.changed('operator_token', row.token_no)
    log.info('first owner token written', { 'file.path': path })
  })
