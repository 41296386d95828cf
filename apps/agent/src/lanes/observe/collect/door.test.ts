// What the door lets through and what it refuses, on a real disk, for reading and for hashing.
// Text files inside project roots are tested in collect.test.ts.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ok } from '@muster/kernel'
import { type Reach, withFile } from './door.ts'
import { hashFile, mostAgentFileBytes } from './hash-file.ts'
import { readBytesSafely } from './read-file.ts'
import { groundWith } from './testing/ground.ts'

const read = async (path: string, reach: Reach = 'anywhere', mostBytes = 100): Promise<string> => {
  const bytes = await readBytesSafely(path, reach, mostBytes)
  return bytes.ok ? bytes.value.toString() : bytes.refusal.code
}
const hash = async (path: string, reach: Reach = 'anywhere'): Promise<string> => {
  const hashed = await hashFile(path, reach)
  return hashed.ok ? hashed.value : hashed.refusal.code
}
const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex')

test('how far a path may lead is what its reach says', async () => {
  const root = groundWith({ 'in/a': 'inside', 'out/b': 'outside' })
  const link = join(root, 'in', 'link')
  symlinkSync(join(root, 'out', 'b'), link)
  symlinkSync(join(root, 'out'), join(root, 'in', 'folder'))
  const inside: Reach = { realRoots: [join(root, 'in')] }
  assert.equal(await read(link, 'anywhere'), 'outside')
  assert.equal(await read(link, 'itself'), 'file_irregular')
  assert.equal(await read(link, inside), 'link_leads_outside')
  assert.equal(await read(join(root, 'in', 'folder', 'b'), inside), 'link_leads_outside')
  assert.equal(await read(join(root, 'in', 'a'), inside), 'inside')
})

test('what is not there is gone, also below a file and behind a broken link', async () => {
  const root = groundWith({ a: '' })
  symlinkSync(join(root, 'nowhere'), join(root, 'broken'))
  for (const path of ['nowhere', 'a/below', 'broken']) assert.equal(await read(join(root, path)), 'file_gone')
})

test('nothing but a regular file is opened, directly or through a link', async () => {
  const root = groundWith({ a: '' })
  execFileSync('mkfifo', [join(root, 'fifo')])
  mkdirSync(join(root, 'folder'))
  for (const target of [join(root, 'fifo'), join(root, 'folder'), '/dev/zero', '/dev/null']) {
    const link = join(root, target.replaceAll('/', '-'))
    symlinkSync(target, link)
    for (const path of [target, link]) {
      assert.equal(await read(path), 'file_irregular', path)
      assert.equal(await hash(path), 'file_irregular', path)
    }
  }
})

test('a loop of links and a path with a NUL are refusals like any other', async () => {
  const root = groundWith({ a: '' })
  symlinkSync(join(root, 'x'), join(root, 'x'))
  assert.equal(await read(join(root, 'x')), 'file_irregular')
  assert.equal(await read(`${root}/a\0b`), 'file_unreadable')
  assert.equal(await read(join(root, 'x'.repeat(300))), 'file_unreadable')
})

test('a link into what the kernel shows as files is not followed', async () => {
  const root = groundWith({ a: '' })
  symlinkSync('/proc/self/environ', join(root, 'environ'))
  assert.equal(await read(join(root, 'environ')), 'file_irregular')
})

test('the limit is that of the file behind the link, exactly', async () => {
  const root = groundWith({ fits: '0123456789', large: '0123456789!' })
  for (const name of ['fits', 'large']) symlinkSync(join(root, name), join(root, `to-${name}`))
  assert.equal(await read(join(root, 'to-fits'), 'anywhere', 10), '0123456789')
  assert.equal(await read(join(root, 'to-large'), 'anywhere', 10), 'file_too_large')
})

test('a file that grows once it is open cannot exceed its limit', async () => {
  const root = groundWith({ a: '0123456789' })
  const path = join(root, 'a')
  const first = await withFile(path, 'itself', 10, async ({ file, sizeBytes }) => {
    appendFileSync(path, '!')
    const room = Buffer.alloc(20)
    return ok([sizeBytes, (await file.read(room, 0, 20, 0)).bytesRead])
  })
  assert.deepEqual(first, ok([10, 11]))
  assert.equal(await read(path, 'itself', 10), 'file_too_large')
})

test('a gigantic file is refused by its size alone', async () => {
  const path = join(groundWith({ a: '' }), 'a')
  truncateSync(path, 1024 ** 4)
  assert.equal(await read(path, 'itself', mostAgentFileBytes), 'file_too_large')
  assert.equal(await hash(path), 'file_too_large')
})

test('a hash is that of all bytes, over as many pieces as it takes, and always the same', async () => {
  const root = groundWith({ empty: '', small: 'abc' })
  assert.equal(await hash(join(root, 'empty')), sha256(''))
  assert.equal(await hash(join(root, 'small')), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  const path = join(root, 'exact')
  for (const size of [1_048_576, 1_048_577, mostAgentFileBytes]) {
    const bytes = Buffer.alloc(size, 'muster')
    writeFileSync(path, bytes)
    assert.equal(await hash(path), sha256(bytes))
    assert.equal(await hash(path), sha256(bytes))
  }
  appendFileSync(path, '!')
  assert.equal(await hash(path), 'file_too_large')
})
