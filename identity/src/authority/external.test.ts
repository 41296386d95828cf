// An authority whose key is kept elsewhere, on both engines: what it signs, how it takes over, and when it cannot sign.
// Programs that keep keys are tested in the server's signer/; an authority in a file in authority.test.ts.
import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { eachEngine } from '@muster/storage/testing'
import { wholeTenant } from '../bounds.ts'
import { by, enrollCall, enrolled, newTestKey, openTestRoom, type TestRoom, tenantId } from '../room.fixture.ts'
import { issueAuthority, issueDeviceLeaf, type Sign, signWith, toPem, type Validity } from './certificate.ts'
import type { ExternalAuthoritySource } from './external.ts'

type Keys = ReturnType<typeof newKeys>
const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const dayMs = 86_400_000
const validity = { notBeforeMs: Date.UTC(2020, 0), notAfterMs: Date.UTC(2060, 0) }

const pemOf = async (keys: Keys, times: Validity = validity): Promise<string> =>
  toPem((await issueAuthority('external', keys, times)).der)
const sourceOf = async (keys: Keys): Promise<ExternalAuthoritySource> => ({
  certificatePem: await pemOf(keys),
  sign: signWith(keys.privateKey),
})

const keys = newKeys()
const external = await sourceOf(keys)

eachEngine((engine) => {
  let room: TestRoom
  let isAway = false
  const sign: Sign = (bytes) => {
    if (isAway) return Promise.reject(new Error('the token is not plugged in'))
    return external.sign(bytes)
  }
  before(async () => {
    room = await openTestRoom(engine, { externalAuthority: { ...external, sign } })
  })
  after(() => room.close())

  test('what is signed elsewhere is what devices and the gateway show, and no key lies here', async () => {
    const { authority } = room.identity
    const root = new X509Certificate(authority.current().certificatePem)
    assert.equal(root.fingerprint256, new X509Certificate(external.certificatePem).fingerprint256)
    const leaf = new X509Certificate((await enrolled(room.identity, await room.token())).certificatePem)
    assert.ok(leaf.verify(keys.publicKey) && leaf.checkIssued(root))
    const gateway = await room.identity.serverCertificate({ kind: 'issued', hosts: ['fleet.example'] })
    assert.ok(new X509Certificate(gateway.current().certificatePem).verify(keys.publicKey))
    const folder = join(room.dataDir, 'ca')
    const kept = existsSync(folder) ? readdirSync(folder) : []
    assert.ok(!kept.some((name) => name.startsWith('ca_') && name.endsWith('.key.pem')), kept.join())
    const told = room.audit.filter(({ action }) => action.startsWith('authority.')).map(({ action }) => action)
    assert.deepEqual(told, ['authority.adopted'])
    await assert.rejects(authority.rotate(by), /its keeper replaces it/)
  })

  test('a restart changes nothing, another certificate takes over, and the former stays trusted', async () => {
    const moved = await openTestRoom(engine)
    const first = moved.identity.authority.current()
    const before = await enrolled(moved.identity, await moved.token())
    const { identity } = await moved.another({ externalAuthority: external })
    const adopted = identity.authority.current()
    assert.notEqual(adopted.id, first.id)
    assert.deepEqual(identity.authority.trustedPems(), [adopted.certificatePem, first.certificatePem])
    const again = await moved.another({ externalAuthority: external })
    assert.equal(again.identity.authority.current().id, adopted.id)
    const after = await enrolled(again.identity, await moved.token())
    assert.ok(new X509Certificate(after.certificatePem).verify(keys.publicKey))
    assert.ok(new X509Certificate(before.certificatePem).verify(new X509Certificate(first.certificatePem).publicKey))

    const third = await moved.another({ externalAuthority: await sourceOf(newKeys()) })
    assert.equal(third.identity.authority.list().length, 3)
    await third.identity.authority.retire(by, adopted.id)
    await assert.rejects(moved.another({ externalAuthority: external }), /was retired and cannot be used again/)
    await moved.close()
  })

  test('while nobody signs, enrolment says so, no use of a token is spent, and strangers learn nothing', async () => {
    const token = await room.token()
    const known = await enrolled(room.identity, await room.token())
    isAway = true
    const refused = await room.identity.enroll(enrollCall(token, newTestKey()))
    assert.equal(!refused.ok && refused.refusal.code, 'authority_unavailable')
    const unknown = await room.identity.enroll(enrollCall('met_unknown', newTestKey()))
    assert.equal(!unknown.ok && unknown.refusal.code, 'enrollment_refused')
    assert.equal(room.identity.directory.byId(known.deviceId)?.status, 'active')
    isAway = false
    assert.ok((await room.identity.enroll(enrollCall(token, newTestKey()))).ok)
  })

  test('a token revoked while a certificate is being signed lets nobody in', async () => {
    const slow = await openTestRoom(engine)
    let asked = () => {}
    let answer = () => {}
    const isAsked = new Promise<void>((resolve) => (asked = resolve))
    const mayAnswer = new Promise<void>((resolve) => (answer = resolve))
    let isFirst = true
    const { identity } = await slow.another({
      externalAuthority: {
        ...external,
        async sign(bytes) {
          if (!isFirst) {
            asked()
            await mayAnswer
          }
          isFirst = false
          return external.sign(bytes)
        },
      },
    })
    const made = await identity.tokens.create(by, wholeTenant(tenantId), { label: 'late' })
    assert.ok(made.ok)
    const enrolling = identity.enroll(enrollCall(made.value.token, newTestKey()))
    await isAsked
    await identity.tokens.revoke(by, wholeTenant(tenantId), made.value.id)
    answer()
    const fate = await enrolling
    assert.equal(!fate.ok && fate.refusal.code, 'enrollment_refused')
    await slow.close()
  })
})

const deviceLeaf = async (): Promise<string> => {
  const root = await issueAuthority('root', keys, validity)
  const issuer = { authorityId: 'root', certificateDer: root.der, sign: signWith(keys.privateKey) }
  const spki = newKeys().publicKey.export({ type: 'spki', format: 'der' })
  return toPem((await issueDeviceLeaf(issuer, { tenantId, deviceId: 'd', spki, ...validity })).der)
}
const faulty: readonly [name: string, source: () => Promise<Partial<ExternalAuthoritySource>>, says: RegExp][] = [
  ['text that is no certificate', async () => ({ certificatePem: 'nonsense' }), /cannot be read/],
  [
    'a certificate that has expired',
    async () => ({ certificatePem: await pemOf(keys, { notBeforeMs: 0, notAfterMs: dayMs }) }),
    /has expired/,
  ],
  [
    'a key of another curve',
    async () => ({ certificatePem: await pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' })) }),
    /has no EC P-256 key/,
  ],
  ['the certificate of a device', async () => ({ certificatePem: await deviceLeaf() }), /is not that of an authority/],
  [
    'something else than a signature',
    async () => ({ sign: async () => Buffer.from('signature') }),
    /no signature of its key/,
  ],
  ['the signature of another key', async () => ({ sign: signWith(newKeys().privateKey) }), /no signature of its key/],
  ['nobody who signs', async () => ({ sign: () => Promise.reject(new Error('away')) }), /the authority does not sign/],
]
for (const [name, source, says] of faulty)
  test(`the room does not open with ${name}`, async () => {
    const externalAuthority = { ...external, ...(await source()) }
    await assert.rejects(
      openTestRoom('sqlite', { externalAuthority }).then((room) => room.close()),
      says,
    )
  })
