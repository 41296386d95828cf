// Opens the rooms over one database and hands each what it needs of the others; they know nothing of each other.
// Listeners and jobs are built on them in wire.ts.
import type { AuditStatement } from '@muster/contract'
import { chooseOperatorAuth, createIdentity, type DeviceAuth, type Identity, type KnownAgent } from '@muster/identity'
import type { Clock, Log } from '@muster/kernel'
import { createLedger, type Ledger } from '@muster/ledger'
import { createObserve, noteLives, type Observe } from '@muster/observe'
import type { Storage, Tx } from '@muster/storage'
import { type Telemetry, tellAgentTurns } from '@muster/telemetry'
import { createLegalHolds, type LegalHolds } from './legal-hold/legal-hold.ts'
import type { Metrics } from './metrics.ts'
import { createRetentionTerms, type RetentionTerms } from './retention/terms.ts'
import type { ServerSettings } from './settings/settings.ts'
import { readExternalAuthority } from './signer/signer.ts'
import { openTelemetry } from './telemetry/agents.ts'

export interface RoomNeeds {
  readonly server: ServerSettings
  readonly storage: Storage
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Log
  readonly gatewayUrl: () => string
  /** Told in the transaction of each audit entry which requests carried something out. */
  readonly onEffects?: (tx: Tx, requestIds: Iterable<string>) => Promise<void>
}

export interface Rooms {
  readonly storage: Storage
  readonly ledger: Ledger
  readonly identity: Identity
  readonly observe: Observe
  readonly telemetry: Telemetry<KnownAgent>
  readonly retentionTerms: RetentionTerms
  readonly legalHolds: LegalHolds
  close(): Promise<void>
}

const deviceAuthOf = ({ settings, sensorToken }: ServerSettings): DeviceAuth => {
  if (settings.deviceAuth === 'mtls') return { kind: 'mtls' }
  if (sensorToken === undefined) throw new Error('token mode was let in without its secret')
  return { kind: 'token', sensorToken }
}

/** What is carried out is recorded, so whoever has to know of it learns of it here. */
const followLedger = (ledger: Ledger, onEffects: NonNullable<RoomNeeds['onEffects']>): Ledger => ({
  ...ledger,
  async append(tx, statement) {
    await onEffects(tx, [statement.requestId])
    return ledger.append(tx, statement)
  },
  async appendMany(tx, statements) {
    await onEffects(
      tx,
      statements.filter(({ outcome }) => outcome === 'success').map(({ requestId }) => requestId),
    )
    return ledger.appendMany(tx, statements)
  },
})

/** Identity and the ledger it records in, over a database that is open. */
export const openIdentity = async (needs: Omit<RoomNeeds, 'metrics'>) => {
  const { server, storage, clock, log, gatewayUrl, onEffects } = needs
  const plain = createLedger({ storage, clock })
  const ledger = onEffects === undefined ? plain : followLedger(plain, onEffects)
  const audit = (tx: Tx, statements: readonly AuditStatement[]) => ledger.appendMany(tx, statements)
  const identity = await createIdentity({
    storage,
    audit,
    onLives: noteLives,
    onAgents: tellAgentTurns,
    hearsAgents: server.settings.roles.includes('gateway'),
    clock,
    log,
    dataDir: server.settings.dataDir,
    operatorAuth: chooseOperatorAuth(server.env, server.settings.api.host),
    deviceAuth: deviceAuthOf(server),
    gatewayUrl,
    ...(server.caPassphrase === undefined ? {} : { caPassphrase: server.caPassphrase }),
    ...(await readExternalAuthority(server)),
  })
  return { ledger, audit, identity }
}

export const openRooms = async (needs: RoomNeeds): Promise<Rooms> => {
  const { storage, clock, log, metrics } = needs
  const { ledger, audit, identity } = await openIdentity(needs)
  const retentionTerms = await createRetentionTerms({ storage, ledger, settings: needs.server.settings, clock })
  const legalHolds = createLegalHolds({ storage, ledger, identity, clock })
  const telemetry = await openTelemetry({ storage, identity, metrics, holds: legalHolds.active, clock, log })
  const observe = await createObserve({
    storage,
    identity,
    audit,
    deleteElsewhere: async (deviceNo) => ({ heartbeats: await telemetry.forget(deviceNo) }),
    clock,
    log,
    intervalsKeptFromMs: retentionTerms.intervalsKeptFromMs,
    onRejected: metrics.rejectedEvents,
  })
  return {
    storage,
    ledger,
    identity,
    observe,
    telemetry,
    retentionTerms,
    legalHolds,
    async close() {
      await telemetry.close()
      await observe.close()
      await identity.close()
    },
  }
}
