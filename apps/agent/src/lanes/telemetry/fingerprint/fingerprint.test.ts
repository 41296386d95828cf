// Which source tells a computer from others, and what is made of it, by the vectors of telemetry 22.
// That this very machine has one is seen at the end.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FingerprintSource } from '@muster/contract/device'
import { chooseIdentifier, type Identifiers, macIdentifier } from './decide.ts'
import { fingerprintOf, takeFingerprint } from './fingerprint.ts'

test('the vectors: an identifier is the key, whatever its case', () => {
  assert.equal(
    fingerprintOf('4c4c4544004b3510805ac3c04f4d3232'),
    'sha256:f30270a83f58ce1ab066024545a36dcdbae843d9b9c89ff47e3da788e762ed49',
  )
  assert.equal(
    fingerprintOf(' 564D2B7A-9A1C-4F0E-8D3B-0C9F2A6E1B55\n'),
    'sha256:a65b78a008ddd432778d4c4e239a7cadc0a4c05370cb1c6c1b69e0e192bb8bd9',
  )
})

const cases: { name: string; has: Identifiers; before?: FingerprintSource; want: string | null }[] = [
  {
    name: 'the firmware comes before the system',
    has: { machine_id: 'b', smbios_uuid: ' A\n' },
    want: 'smbios_uuid a',
  },
  {
    name: 'a serial number that nobody wrote',
    has: { serial_number: 'Default string', machine_id: 'b' },
    want: 'machine_id b',
  },
  {
    name: 'zeros',
    has: { smbios_uuid: '00000000-0000-0000-0000-000000000000', serial_number: 'X1' },
    want: 'serial_number x1',
  },
  {
    name: 'all bits set',
    has: { smbios_uuid: 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', machine_id: 'b' },
    want: 'machine_id b',
  },
  {
    name: 'the identifier that thousands of boards share',
    has: { smbios_uuid: '03000200-0400-0500-0006-000700080009', mac_fallback: 'm' },
    want: 'mac_fallback m',
  },
  {
    name: 'the source used before, though a better one can be read now',
    has: { smbios_uuid: 'a', machine_id: 'b' },
    before: 'machine_id',
    want: 'machine_id b',
  },
  { name: 'the source used before, gone', has: { smbios_uuid: 'a' }, before: 'machine_id', want: null },
  { name: 'nothing at all', has: { serial_number: '', machine_id: null }, want: null },
]
for (const { name, has, before, want } of cases)
  test(`chosen: ${name}`, () => {
    const chosen = chooseIdentifier(has, before ?? null)
    assert.equal(chosen === null ? null : `${chosen.source} ${chosen.identifier}`, want)
  })

test('hardware addresses count in one order, each once, and only those that somebody gave out', () => {
  assert.equal(
    macIdentifier(['f0:18:98:4e:79:0c', null, '02:42:ac:11:00:02', 'ac:87:a3:2a:ef:b5', 'f0:18:98:4e:79:0c']),
    'ac:87:a3:2a:ef:b5,f0:18:98:4e:79:0c',
  )
  assert.equal(macIdentifier(['02:42:ac:11:00:02', null]), null)
})

test('this computer gives the same fingerprint twice, also from its source by name', async () => {
  const system = ({ darwin: 'macos', win32: 'windows' } as const)[process.platform as 'darwin'] ?? 'linux'
  const first = await takeFingerprint(system, null)
  assert.deepEqual(first, await takeFingerprint(system, first?.source ?? null))
  assert.match(first?.value ?? 'sha256:'.padEnd(71, '0'), /^sha256:[0-9a-f]{64}$/)
})
