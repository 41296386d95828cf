// Puts the room together from its needs; built once, in an app's wire.ts.
// No rule lives here: each feature folder holds its own.
import { type AuditStatement, DEFAULT_TENANT_ID } from '@muster/contract'
import type { Clock, Log, Secret } from '@muster/kernel'
import type { Storage, Tx } from '@muster/storage'
import { type Authority, createAuthority } from './authority/authority.ts'
import { isRotationDue } from './authority/decide.ts'
import { type ExternalAuthoritySource, openExternalAuthority } from './authority/external.ts'
import { createKeyFiles } from './authority/key-file.ts'
import {
  createServerCertificate,
  type ServerCertificate,
  type ServerCertificateSource,
} from './authority/server-certificate.ts'
import { type Beats, createBeats } from './beats.ts'
import { type Changes, createChanges } from './changes.ts'
import { type Contacts, createContacts, type SaidOfItself } from './devices/contacts.ts'
import { createDevices, type Devices } from './devices/devices.ts'
import { createDirectory, type Directory } from './directory/directory.ts'
import { createIdentifyDevice, type DeviceAuth, type IdentifyDevice } from './directory/identify.ts'
import { createEnroll, type Enroll } from './enroll/enroll.ts'
import { createGroups, type Groups } from './groups/groups.ts'
import { type AgentParts, openAgents } from './open-agents.ts'
import { type Addresses, createAddresses } from './operators/addresses.ts'
import type { OperatorAuth } from './operators/auth.ts'
import { ensureFirstOwner } from './operators/first-owner.ts'
import { createIdentifyOperator } from './operators/identify.ts'
import { createTokenMemory } from './operators/memory.ts'
import { createOperators, type Operators } from './operators/operators.ts'
import { createRefusalNotes, type RefusalNote } from './refusals.ts'
import { createRenew, type Renew } from './renew/renew.ts'
import { createSessions, type Sessions } from './sessions/sessions.ts'
import { createSettings, type Settings } from './settings/settings.ts'
import { createSilenceWatch } from './silence/silence.ts'
import type { KnownOperator } from './speakers.ts'
import { type AgentTokens, createAgentTokens } from './tokens/agent-tokens.ts'
import { createEnrollmentTokens, type EnrollmentTokens } from './tokens/tokens.ts'
import { type AgentTurn, createTurns, type LifeTurn } from './turns.ts'
import { createSavedViews, type SavedViews } from './views/views.ts'

export interface IdentitySettings {
  /** Sensors cannot renew (sensor-protocol D8), so their certificates live long. */
  readonly deviceCertificateDays: number
  readonly authorityDays: number
  /** How often to look for what other processes changed; a revocation there bites this much later. */
  readonly refreshMs: number
}

export interface IdentityNeeds {
  readonly storage: Storage
  /** Appends to the audit history in the same transaction as what is recorded. */
  readonly audit: (tx: Tx, statements: readonly AuditStatement[]) => Promise<unknown>
  /** Follows the lives of devices in the transaction of each turn; nobody does unless told. */
  readonly onLives?: (tx: Tx, turns: readonly LifeTurn[]) => Promise<unknown>
  /** Tells of the turns of agents in the transaction of each; nobody does unless told. */
  readonly onAgents?: (tx: Tx, turns: readonly AgentTurn[]) => Promise<unknown>
  /** Whether agents can be heard while this process runs; their silence counts only while one does. */
  readonly hearsAgents?: boolean
  readonly clock: Clock
  readonly log: Log
  readonly dataDir: string
  /** Seals the authority's key file; without it the file is protected by its mode alone. */
  readonly caPassphrase?: Secret
  /** The authority's key is kept elsewhere; without this, it is a file of this server. */
  readonly externalAuthority?: ExternalAuthoritySource
  readonly operatorAuth: OperatorAuth
  readonly deviceAuth: DeviceAuth
  /** The address devices are told to use, for the agent file of a token. */
  readonly gatewayUrl: () => string
  readonly settings?: Partial<IdentitySettings>
}

export interface Identity extends Pick<AgentParts, 'agents' | 'exchange' | 'rotate' | 'serviceTokens'> {
  readonly enroll: Enroll
  readonly renew: Renew
  readonly directory: Directory
  readonly identifyDevice: IdentifyDevice
  /** Notes that a device was heard, and what it said of itself; written within a second, many devices at once. */
  touch(deviceNo: number, atMs: number, said?: SaidOfItself): void
  /** Notes that a device was heard by something on disk that will say so again after a restart; written now and then. */
  hear(deviceNo: number, atMs: number): void
  readonly tokens: EnrollmentTokens
  readonly agentTokens: AgentTokens
  readonly devices: Devices
  readonly groups: Groups
  readonly operators: Operators
  readonly sessions: Sessions
  readonly savedViews: SavedViews
  readonly settings: Settings
  readonly authority: Authority
  serverCertificate(source: ServerCertificateSource): Promise<ServerCertificate>
  /** A refused attempt for the audit history: the first at once, then one entry a minute with a count. */
  noteRefusal(note: RefusalNote): void
  /** Looks for devices that used to be heard and fell silent; happens every few minutes anyway. */
  watchSilence(): Promise<void>
  /** Locks out agents that were silent for too long; happens every few minutes anyway. */
  watchStale(): Promise<void>
  /** Lets go of what agents leave behind, and warns of tokens that end soon; happens every hour anyway. */
  tidyAgents(): Promise<void>
  /** Writes contacts and uses of tokens now; happens every second anyway. */
  flush(): Promise<void>
  /** Writes what is still in memory and stops every timer. */
  close(): Promise<void>
}

const defaults: IdentitySettings = { deviceCertificateDays: 5 * 365, authorityDays: 20 * 365, refreshMs: 250 }
const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs

/** A commit stands whether or not this process could read it back at once; the next look will. */
const createAfterCommit = (changes: Changes, log: Log) => async (): Promise<void> => {
  try {
    await changes.refresh()
  } catch (error) {
    log.warn('changes not read back yet', { err: error })
  }
}

const warnOfEnd = ({ clock, log }: IdentityNeeds, authority: Authority, deviceCertificateDays: number): void => {
  if (isRotationDue(authority.current(), deviceCertificateDays, clock.nowMs()))
    log.warn('the certificate authority ends within the life of the certificates it issues; rotate it')
}

const startBeats = (needs: IdentityNeeds, settings: IdentitySettings, parts: Parts): Beats => {
  const { changes, refresh, authority, flushSeconds, flushAll, listen, watchSilence, refusals, addresses } = parts
  const beats = createBeats()
  beats.every(settings.refreshMs, refresh)
  beats.every(secondMs, flushSeconds)
  beats.every(5 * minuteMs, flushAll)
  beats.every(5 * secondMs, () => refusals.flush('due'))
  if (needs.storage.engine === 'postgres') beats.every(5 * secondMs, listen)
  beats.every(5 * minuteMs, watchSilence)
  beats.every(hourMs, orWarn(needs.log, 'addresses of ended tokens not forgotten', addresses.tidy))
  beats.every(hourMs, async () => {
    warnOfEnd(needs, authority, settings.deviceCertificateDays)
    await changes.prune().catch((error: unknown) => needs.log.warn('changes not pruned', { err: error }))
  })
  return beats
}

/** Says that agents can be heard before anybody asks how long they were silent. */
const startAgentBeats = async ({ log, hearsAgents = true }: IdentityNeeds, beats: Beats, parts: AgentParts) => {
  const markAlive = orWarn(log, 'the time in which agents can be heard is not noted', parts.markAlive)
  const watchStale = orWarn(log, 'agents that are silent for too long not looked for', parts.look)
  if (hearsAgents) {
    await markAlive()
    beats.every(minuteMs, markAlive)
  }
  beats.every(5 * minuteMs, parts.flush)
  beats.every(5 * minuteMs, watchStale)
  const tidyAgents = orWarn(log, 'what agents leave behind is not tidied', parts.tidy)
  beats.every(hourMs, tidyAgents)
  return { watchStale, tidyAgents }
}

interface Parts {
  readonly changes: Changes
  readonly refresh: () => Promise<void>
  readonly authority: Authority
  readonly flushSeconds: () => Promise<void>
  readonly flushAll: () => Promise<void>
  /** Hears of contacts other gateways had; SQLite has one process that serves. */
  readonly listen: () => Promise<void>
  /** Looks for devices that used to be heard and are not any more. */
  readonly watchSilence: () => Promise<void>
  readonly refusals: ReturnType<typeof createRefusalNotes>
  readonly addresses: Addresses
}

const orWarn = (log: Log, message: string, work: () => Promise<void>) => (): Promise<void> =>
  work().catch((error: unknown) => log.warn(message, { err: error }))

const notesOf = (refusals: Parts['refusals']) => ({
  noteElsewhere: ({ tenantId, operatorId, name }: KnownOperator, ip: string): void =>
    refusals.note({
      tenantId,
      actor: { type: 'operator', id: operatorId, displayName: name, ip },
      attempted: 'sign in',
      code: 'address_not_allowed',
      requestId: '',
    }),
  noteUnknownToken: ({ ip, requestId }: { readonly ip: string; readonly requestId: string }): void =>
    refusals.note({
      tenantId: DEFAULT_TENANT_ID,
      actor: { type: 'token', id: 'unknown', ip },
      attempted: 'enrol',
      code: 'token_unknown',
      requestId,
    }),
})

type NoteElsewhere = ReturnType<typeof notesOf>['noteElsewhere']

/** What every feature stands on: turns, word of changes, and what is held in memory. */
const openGround = async (needs: IdentityNeeds, own: IdentitySettings) => {
  const { storage, audit, clock, log, dataDir, caPassphrase, onLives = async () => {} } = needs
  const { onAgents = async () => {} } = needs
  const db = storage.quick
  const changes = createChanges({ storage, clock, log })
  await changes.start()
  const refresh = createAfterCommit(changes, log)
  const takeTurn = createTurns({ storage, audit, onLives, onAgents, clock, afterCommit: refresh })
  const keyFiles = createKeyFiles(dataDir, caPassphrase)
  const external = needs.externalAuthority && (await openExternalAuthority(needs.externalAuthority, clock.nowMs()))
  const authority = await createAuthority({ db, takeTurn, changes, keyFiles, external, clock, log, ...own })
  const { isTrusted } = authority
  const directory = await createDirectory({ db, changes, isTrustedAuthority: isTrusted })
  const memory = await createTokenMemory(storage, changes, log)
  await ensureFirstOwner(takeTurn, dataDir, log)
  const settings = await createSettings({ db, takeTurn, changes })
  return { changes, refresh, takeTurn, authority, directory, memory, settings, keyFiles }
}

type Ground = Awaited<ReturnType<typeof openGround>>

interface OperatorParts {
  readonly groups: Groups
  readonly addresses: Addresses
  readonly noteElsewhere: NoteElsewhere
}

/** Operators by any credential, and the sessions of their browsers. */
const createOperatorSide = (
  needs: IdentityNeeds,
  ground: Ground,
  { groups, addresses, noteElsewhere: onElsewhere }: OperatorParts,
) => {
  const { storage, operatorAuth: auth, clock, log } = needs
  const { takeTurn, memory } = ground
  const { note: onUse } = addresses
  const identify = createIdentifyOperator({ auth, memory, clock, onElsewhere, onUse })
  return {
    operators: createOperators({ db: storage.db, takeTurn, identify, groups, clock }),
    sessions: createSessions({ storage, takeTurn, identify, memory, auth, onElsewhere, onUse, clock, log }),
  }
}

/** Coming in is being heard of. */
const createNoteContact =
  (directory: Directory, contacts: Contacts, clock: Clock) =>
  (deviceId: string): void => {
    const device = directory.byId(deviceId)
    if (device !== undefined) contacts.touch(device.deviceNo, clock.nowMs())
  }

/** Opens the room: makes the authority and the first owner if there are none, and loads what requests are asked of. */
export const createIdentity = async (needs: IdentityNeeds): Promise<Identity> => {
  const { storage, audit, clock, log, dataDir, deviceAuth, gatewayUrl } = needs
  const own = { ...defaults, ...needs.settings }
  const { db, quick } = storage
  const ground = await openGround(needs, own)
  const { changes, refresh, takeTurn, authority, directory, memory, settings } = ground
  const groups = createGroups({ db, takeTurn })
  const addresses = createAddresses({ db: quick, takeTurn, log })
  const refusals = createRefusalNotes({ storage, audit, clock, log })
  const contacts = await createContacts({ storage, directory, takeTurn, clock, log })
  const flushSeconds = async (): Promise<void> => {
    await contacts.flush()
    await memory.flush()
  }
  const listen = orWarn(log, 'contacts of other gateways not read', contacts.listen)
  const watch = createSilenceWatch({ db: quick, directory, contacts, takeTurn, clock, log })
  const watchSilence = orWarn(log, 'silent devices not looked for', watch)
  const noteContact = createNoteContact(directory, contacts, clock)
  const ofAgents = await openAgents({ ...ground, storage, clock, log, issuer: gatewayUrl, noteContact })
  const { flushAll } = contacts
  const parts = { changes, refresh, authority, flushSeconds, flushAll, listen, watchSilence, refusals, addresses }
  const beats = startBeats(needs, own, parts)
  const agentBeats = await startAgentBeats(needs, beats, ofAgents)
  const { noteElsewhere, noteUnknownToken } = notesOf(refusals)
  const tokens = createEnrollmentTokens({ db, takeTurn, groups, clock, gatewayUrl })
  return {
    ...ofAgents,
    enroll: createEnroll({ db: quick, takeTurn, authority, clock, log, noteContact, noteUnknownToken }),
    renew: createRenew({ db: quick, takeTurn, authority, clock, log }),
    directory,
    identifyDevice: createIdentifyDevice(deviceAuth, directory, clock),
    touch: contacts.touch,
    hear: contacts.hear,
    tokens,
    agentTokens: createAgentTokens({ db, tokens, clock }),
    devices: createDevices({ db, directory, contacts, groups, settings, takeTurn, clock }),
    settings,
    groups,
    ...createOperatorSide(needs, ground, { groups, addresses, noteElsewhere }),
    savedViews: createSavedViews({ db, takeTurn }),
    authority,
    async serverCertificate(source) {
      const certificate = await createServerCertificate({ authority, dataDir, clock, log }, source)
      beats.every(minuteMs, () => certificate.refresh())
      return certificate
    },
    noteRefusal: refusals.note,
    watchSilence,
    ...agentBeats,
    flush: () => flushSeconds().then(ofAgents.flush),
    async close() {
      await beats.stop()
      await contacts.flushAll()
      await ofAgents.flush()
      await flushSeconds()
      await refusals.flush('all')
    },
  }
}
