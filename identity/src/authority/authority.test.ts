// The authority's life: its key on disk, rotation with overlap, the gateway's own certificate.
// The same over real TLS is tested in tls.test.ts.
import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Secret } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import { by, enrolled, openTestRoom, type TestRoom } from '../room.fixture.ts'
import { issueServerLeaf, toPem } from './certificate.ts'

const dayMs = 86_400_000

eachEngine((engine) => {
  let room: TestRoom
  before(async () => {
    room = await openTestRoom(engine)
  })
  after(() => room.close())

  const keyPathOf = (authorityId: string): string => join(room.dataDir, 'ca', `${authorityId}.key.pem`)

  test('the key is a file only the server may read, and a file others could read is closed to them', async () => {
    const path = keyPathOf(room.identity.authority.current().id)
    assert.equal(statSync(path).mode & 0o777, 0o600)
    chmodSync(path, 0o644)
    await room.another()
    assert.equal(statSync(path).mode & 0o777, 0o600)
  })

  test('a passphrase seals the key, and is needed from then on', async () => {
    const plain = await openTestRoom(engine)
    const path = join(plain.dataDir, 'ca', `${plain.identity.authority.current().id}.key.pem`)
    const sealed = await plain.another({ caPassphrase: new Secret('correct horse') })
    assert.match(readFileSync(path, 'utf8'), /^-----BEGIN ENCRYPTED PRIVATE KEY-----/)
    await enrolled(sealed.identity, await plain.token())
    await sealed.identity.authority.rotate(by)
    await assert.rejects(plain.another(), /is sealed: set MUSTER_CA_PASSPHRASE/)
    const wrong = plain.another({ caPassphrase: new Secret('wrong') })
    await assert.rejects(wrong, /does not open with this MUSTER_CA_PASSPHRASE/)
    await plain.close()
  })

  test('after a rotation the new authority issues, both are trusted, and every process hears of it', async () => {
    const other = await room.another()
    let heard = 0
    other.identity.authority.onChange(() => heard++)
    const former = room.identity.authority.current()
    const before = await enrolled(room.identity, await room.token())
    const current = await room.identity.authority.rotate(by)
    assert.notEqual(current.id, former.id)
    assert.deepEqual(room.identity.authority.trustedPems(), [current.certificatePem, former.certificatePem])
    await other.identity.directory.refresh()
    assert.ok(heard > 0)
    assert.deepEqual(other.identity.authority.trustedPems(), [current.certificatePem, former.certificatePem])
    const after = await enrolled(other.identity, await room.token())
    const issuerOf = (pem: string) => new X509Certificate(pem).issuer
    assert.equal(issuerOf(before.certificatePem), new X509Certificate(former.certificatePem).subject)
    assert.equal(issuerOf(after.certificatePem), new X509Certificate(current.certificatePem).subject)
  })

  test('a retired authority is trusted no more, the current one cannot be retired', async () => {
    const { authority } = room.identity
    const former = authority.current()
    const { certificatePem } = await enrolled(room.identity, await room.token())
    await authority.rotate(by)
    const retired = await authority.retire(by, former.id)
    assert.equal(retired.ok && retired.value.state, 'retired')
    assert.ok(!authority.trustedPems().includes(former.certificatePem))
    const fingerprint = new X509Certificate(certificatePem).fingerprint256.replaceAll(':', '').toLowerCase()
    assert.equal(room.identity.directory.byFingerprint(fingerprint)?.revoked, true)
    const again = await authority.retire(by, former.id)
    assert.equal(!again.ok && again.refusal.code, 'state_conflict')
    const current = await authority.retire(by, authority.current().id)
    assert.equal(!current.ok && current.refusal.code, 'state_conflict')
    const unknown = await authority.retire(by, 'ca_none')
    assert.equal(!unknown.ok && unknown.refusal.code, 'not_found')
  })

  test('two servers that start at once on an empty database make one authority', async () => {
    const fresh = await openTestRoom(engine)
    await fresh.storage.db.selectFrom('identity_authority').selectAll().execute()
    await fresh.storage.write(async (tx) => void (await tx.deleteFrom('identity_authority').execute()))
    const [left, right] = await Promise.all([fresh.another(), fresh.another()])
    await left.identity.directory.refresh()
    await right.identity.directory.refresh()
    assert.equal(left.identity.authority.list().length, 1)
    assert.equal(left.identity.authority.current().id, right.identity.authority.current().id)
    await fresh.close()
  })

  test('the gateway keeps its certificate over restarts, and gets a new one when names change or its end is near', async () => {
    const issued = { kind: 'issued', hosts: ['fleet.example', '192.0.2.7'] } as const
    const first = await room.identity.serverCertificate(issued)
    const second = await (await room.another()).identity.serverCertificate(issued)
    assert.equal(second.current().certificatePem, first.current().certificatePem)
    const leaf = new X509Certificate(first.current().certificatePem)
    assert.ok(leaf.checkHost('fleet.example') && leaf.checkIP('192.0.2.7'))
    const renamed = await openTestRoom(engine)
    await renamed.identity.serverCertificate(issued)
    const certificate = await renamed.identity.serverCertificate({ kind: 'issued', hosts: ['other.example'] })
    assert.ok(new X509Certificate(certificate.current().certificatePem).checkHost('other.example'))
    let changes = 0
    certificate.onChange(() => changes++)
    renamed.clock.advance(370 * dayMs)
    await certificate.refresh()
    assert.equal(changes, 1)
    assert.ok(certificate.current().expiresMs > renamed.clock.nowMs() + 390 * dayMs)
    await renamed.close()
  })

  test('during an overlap the gateway keeps the authority its clients know, and changes when that is retired', async () => {
    const overlap = await openTestRoom(engine)
    const certificate = await overlap.identity.serverCertificate({ kind: 'issued', hosts: ['overlap.example'] })
    const { authority } = overlap.identity
    const issuer = () => new X509Certificate(certificate.current().certificatePem).issuer
    const former = authority.current()
    await authority.rotate(by)
    await certificate.refresh()
    assert.equal(issuer(), new X509Certificate(former.certificatePem).subject)
    await authority.retire(by, former.id)
    await certificate.refresh()
    assert.equal(issuer(), new X509Certificate(authority.current().certificatePem).subject)
    await overlap.close()
  })

  test("an operator's files are used as they are, and read again when they change", async () => {
    const certificateFile = join(room.dataDir, 'supplied.pem')
    const keyFile = join(room.dataDir, 'supplied.key')
    const write = async (host: string) => {
      const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const spki = keys.publicKey.export({ type: 'spki', format: 'der' })
      const issuer = room.identity.authority.serverIssuer()
      assert.ok(issuer !== undefined)
      const validity = { notBeforeMs: Date.now(), notAfterMs: Date.now() + dayMs }
      writeFileSync(certificateFile, toPem((await issueServerLeaf(issuer, { hosts: [host], spki, ...validity })).der))
      writeFileSync(keyFile, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }))
    }
    await write('one.example')
    const source = { kind: 'files', keyFile, certificateFile } as const
    const supplied = await room.identity.serverCertificate(source)
    await write('two.example')
    await supplied.refresh()
    const good = supplied.current().certificatePem
    assert.ok(new X509Certificate(good).checkHost('two.example'))
    writeFileSync(certificateFile, 'half a file')
    await supplied.refresh()
    assert.equal(supplied.current().certificatePem, good)
    await assert.rejects(room.identity.serverCertificate(source), /the gateway's certificate cannot be used/)
  })
})
