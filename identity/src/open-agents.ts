// Puts together what knows agents: their copy in memory, their credentials, how they come in, stay in and are locked out.
// No rule lives here; devices, tenants' settings and the authority come from create-identity.ts.
import type { Clock, Log } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import type { Kysely } from 'kysely'
import { type Agents, createAgents } from './agents/agents.ts'
import { createKnownAgents } from './agents/known.ts'
import { createLapse } from './agents/lapse.ts'
import { createSightings } from './agents/sightings.ts'
import { createStaleWatch, type StaleWatch } from './agents/stale.ts'
import type { Authority } from './authority/authority.ts'
import type { KeyFiles } from './authority/key-file.ts'
import type { Changes } from './changes.ts'
import type { Directory } from './directory/directory.ts'
import { createExchange, type Exchange } from './exchange/exchange.ts'
import { createExchangeLimits } from './exchange/limits.ts'
import { createRotate, type Rotate } from './exchange/rotate.ts'
import { createTokenKeys } from './service-token/keys.ts'
import { createServiceTokens, type ServiceTokens } from './service-token/service-token.ts'
import type { Settings } from './settings/settings.ts'
import type { IdentityTables } from './tables.ts'
import type { TakeTurn } from './turns.ts'

export interface OpenAgentsNeeds {
  readonly storage: Storage
  readonly takeTurn: TakeTurn
  readonly changes: Changes
  readonly directory: Directory
  readonly authority: Authority
  readonly settings: Settings
  readonly keyFiles: KeyFiles
  readonly clock: Clock
  readonly log: Log
  /** The address agents know the platform by. */
  readonly issuer: () => string
  readonly noteContact: (deviceId: string) => void
}

export interface AgentParts extends StaleWatch {
  readonly agents: Agents
  readonly exchange: Exchange
  readonly rotate: Rotate
  readonly serviceTokens: ServiceTokens
  /** Writes sightings now. */
  flush(): Promise<void>
  /**
   * Makes the next signing key when it is due, forgets nonces that were kept for long enough and machines that waited for too
   * long, and warns of tokens that end; happens every hour anyway.
   */
  tidy(): Promise<void>
}

const forgetNonces = async (storage: Storage, nowMs: number): Promise<void> => {
  await storage.write(async (tx) => {
    await tx.deleteFrom('identity_nonce').where('kept_until_ms', '<', nowMs).execute()
  })
}

export const openAgents = async (needs: OpenAgentsNeeds): Promise<AgentParts> => {
  const { storage, takeTurn, changes, directory, keyFiles, settings, clock, log } = needs
  const db: Kysely<IdentityTables> = storage.quick
  const sightings = createSightings({ takeTurn, clock, log })
  const known = await createKnownAgents({ db, directory, changes, sightingOf: sightings.of })
  const keys = await createTokenKeys({ db, takeTurn, changes, keyFiles, clock, issuer: needs.issuer })
  const serviceTokens = createServiceTokens({ keys, clock })
  const limits = createExchangeLimits(clock)
  const lapse = createLapse({ db, takeTurn, clock })
  const agents = createAgents({ ...needs, db, known, sightings, serviceTokens })
  return {
    agents,
    exchange: createExchange({ ...needs, db, serviceTokens, limits }),
    rotate: createRotate({ ...needs, db }),
    serviceTokens,
    ...createStaleWatch({ db, known, sightings, settings, takeTurn, clock }),
    flush: sightings.flush,
    async tidy() {
      await keys.rotateWhenDue()
      await forgetNonces(storage, clock.nowMs())
      await lapse()
      const ending = agents.tokensEnding('everybody')
      if (ending > 0) log.warn('service-account tokens of active agents end soon', { 'items.count': ending })
    },
  }
}
