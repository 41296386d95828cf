// The room with everything real around it, for its own tests: a database on either engine, a data folder, keys.
// Time is a clock the test moves; the audit history is a list.
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuditStatement, DEFAULT_TENANT_ID } from '@muster/contract'
import { createFakeClock, silentLog } from '@muster/kernel'
import { type Engine, openStorage, type Storage } from '@muster/storage'
import { createTestPlace } from '@muster/storage/testing'
import { wholeTenant } from './bounds.ts'
import { createIdentity, type Identity, type IdentityNeeds } from './create-identity.ts'
import { identityMigrations } from './migrations/migrations.ts'
import { type By, bySystem } from './speakers.ts'

export const tenantId = DEFAULT_TENANT_ID
export const by: By = bySystem('req_test')

export interface TestRoom {
  readonly identity: Identity
  readonly storage: Storage
  readonly dataDir: string
  readonly clock: ReturnType<typeof createFakeClock>
  /** What was said to the audit history, in order, by every process of this room. */
  readonly audit: AuditStatement[]
  /** Another process on the same database and data folder. */
  another(more?: Partial<IdentityNeeds>): Promise<{ readonly identity: Identity; readonly storage: Storage }>
  /** A new enrolment token's raw value. */
  token(body?: Partial<Parameters<Identity['tokens']['create']>[2]>, tenant?: string): Promise<string>
  close(): Promise<void>
}

export const openTestRoom = async (engine: Engine, more: Partial<IdentityNeeds> = {}): Promise<TestRoom> => {
  const place = await createTestPlace(engine)
  const dataDir = mkdtempSync(join(tmpdir(), 'muster-identity-'))
  const clock = createFakeClock()
  const audit: AuditStatement[] = []
  const closers: (() => Promise<void>)[] = []

  const another = async (extra: Partial<IdentityNeeds> = {}) => {
    const storage = await openStorage({ url: place.url, rooms: [identityMigrations], poolSize: 2 })
    closers.unshift(() => storage.close())
    const identity = await createIdentity({
      storage,
      audit: async (_tx, statements) => void audit.push(...statements),
      clock,
      log: silentLog,
      dataDir,
      operatorAuth: { kind: 'tokens' },
      deviceAuth: { kind: 'mtls' },
      gatewayUrl: () => 'https://fleet.example:8443',
      ...more,
      ...extra,
    })
    closers.unshift(() => identity.close())
    return { identity, storage }
  }
  const close = async (): Promise<void> => {
    for (const one of closers) await one()
    await place.remove()
    rmSync(dataDir, { recursive: true, force: true })
  }
  const { identity, storage } = await another().catch(async (fault: unknown) => {
    await close()
    throw fault
  })
  return {
    identity,
    storage,
    dataDir,
    clock,
    audit,
    another,
    async token(body = {}, tenant = tenantId) {
      const created = await identity.tokens.create(by, wholeTenant(tenant), { label: 'test', ...body })
      if (!created.ok) throw new Error(`no token: ${created.refusal.code}`)
      return created.value.token
    },
    close,
  }
}

export interface TestKey {
  readonly privateKey: KeyObject
  /** As the wire carries it. */
  readonly publicKey: string
}

export const newTestKey = (): TestKey => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).trimEnd()
  return { privateKey: pair.privateKey, publicKey: Buffer.from(pem).toString('base64') }
}

export const enrollCall = (token: string, key: TestKey, texts: Partial<Record<string, string>> = {}) => ({
  body: {
    token,
    publicKey: key.publicKey,
    hostname: "Ada's MacBook Pro",
    osVersion: 'Version 15.5 (Build 24F74)',
    hardwareModel: 'arm64',
    sensorVersion: 'koban-agent',
    ...texts,
  },
  ip: '192.0.2.1',
  requestId: 'req_enroll',
})

/** Enrols and answers the reply; throws when refused. */
export const enrolled = async (identity: Identity, token: string, key = newTestKey(), texts = {}) => {
  const result = await identity.enroll(enrollCall(token, key, texts))
  if (!result.ok) throw new Error(`not enrolled: ${result.refusal.code}`)
  return { ...result.value, key, certificatePem: Buffer.from(result.value.clientCertificate, 'base64').toString() }
}

/** Long enough that only what never happens is given up, however busy the machine is. */
const patienceSeconds = 120

/** Waits until the question is answered with yes; for work that happens on a beat. */
export const until = async (isSo: () => Promise<boolean> | boolean): Promise<void> => {
  const giveUpAtMs = Date.now() + patienceSeconds * 1000
  while (!(await isSo())) {
    if (Date.now() > giveUpAtMs) throw new Error(`waited ${patienceSeconds} seconds for something that did not happen`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
