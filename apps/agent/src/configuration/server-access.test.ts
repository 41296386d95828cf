// Who may vouch for a server, as a service starts the agent: whom the owner named, or else whom Node brings along.
// What a client does with authorities is edges/http.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { promisify } from 'node:util'
import { makeAuthority, makeServerLeaf } from '@muster/http/testing'
import { frugalFlags } from '../service/facts.ts'
import { clientAccess, type ServerAccess } from './server-access.ts'

const run = promisify(execFile)
const scratch = mkdtempSync(join(tmpdir(), 'muster-access-'))
const [ours, theirs] = [join(scratch, 'ours.pem'), join(scratch, 'theirs.pem')]
const server = createServer((_request, reply) => void reply.end('hello'))
let port = 0

/** What a program with the flags of the service hears from the server, or why it does not trust it; and its defaults. */
const heard = async (access: Pick<ServerAccess, 'caFile' | 'isCaOnly'>, extra = ''): Promise<[string, number]> => {
  const at = (name: string): string => JSON.stringify(import.meta.resolve(name))
  const lines = [
    `import { callText, createClient } from ${at('@muster/http/client')}`,
    `import { clientAccess } from ${at('./server-access.ts')}`,
    `const access = clientAccess({ proxy: null, sensorToken: null, ...${JSON.stringify(access)} })`,
    `const client = createClient({ baseUrl: 'https://localhost:${port}', ...access })`,
    `const said = await callText(client, { method: 'GET', path: '/' }).then(({ text }) => text, ({ message }) => message)`,
    `const defaults = process.getBuiltinModule('node:tls').getCACertificates('default').length`,
    `console.log(JSON.stringify([said, defaults]))`,
    `client.close()`,
  ]
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: extra }
  const words = [...frugalFlags, '--input-type=module', '-e', lines.join('\n')]
  const { stdout } = await run(process.execPath, words, { env })
  return JSON.parse(stdout) as [string, number]
}

suite('authorities', () => {
  before(async () => {
    const authority = await makeAuthority()
    const leaf = await makeServerLeaf(authority)
    writeFileSync(ours, authority.certPem)
    writeFileSync(theirs, (await makeAuthority()).certPem)
    server.setSecureContext({ key: leaf.keyPem, cert: leaf.certPem })
    await once(server.listen(0, 'localhost'), 'listening')
    port = (server.address() as AddressInfo).port
  })
  after(() => {
    server.closeAllConnections()
    server.close()
    rmSync(scratch, { recursive: true, force: true })
  })

  test('whoever names one has it vouch, and Node parses no others', async () => {
    assert.deepEqual(await heard({ caFile: ours, isCaOnly: true }), ['hello', 0])
  })
  test('one that did not sign vouches for nothing', async () => {
    const [said] = await heard({ caFile: theirs, isCaOnly: true })
    assert.match(said, /certificate/)
  })
  test('a file without a certificate is refused for what it is, and so is one that is not there', () => {
    const access = { caFile: join(scratch, 'empty.pem'), isCaOnly: false, proxy: null, sensorToken: null }
    assert.throws(() => clientAccess(access), /serverCA .*empty\.pem: cannot be read: there is no such file/)
    writeFileSync(access.caFile, '')
    assert.throws(() => clientAccess(access), /serverCA .*empty\.pem: there is no certificate in it/)
  })
  test('whoever names none has those of Node and those added to them', async () => {
    const [said, defaults] = await heard({ caFile: null, isCaOnly: false }, ours)
    assert.equal(said, 'hello')
    assert.ok(defaults > 100, `${defaults} authorities`)
  })
})
