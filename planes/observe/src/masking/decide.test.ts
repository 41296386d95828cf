// What is hidden from those who may not read everything, and what stays readable.
// Which parts of replies are held to it is tested in mask.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { maskText } from './decide.ts'

const secret = 'a1B2c3D4e5F6a7B8c9D0'
const cases: readonly [text: string, want: string][] = [
  ['/home/ada/app/package-lock.json', '/home/***/app/package-lock.json'],
  ['/Users/Ada Lovelace/src/x', '/Users/***/src/x'],
  ['C:\\Users\\Ada Lovelace\\src', 'C:\\Users\\***\\src'],
  ['/home/ada', '/home/***'],
  ['node /home/ada/x.js --in /home/ada/y', 'node /home/***/x.js --in /home/***/y'],
  ['/srv/app/package-lock.json', '/srv/app/package-lock.json'],
  ['https://mcp.example/sse?token=abc&user=ada', 'https://mcp.example/sse?***'],
  ['https://ada:pw@mcp.example:8443/sse', 'https://***@mcp.example:8443/sse'],
  ['npx mcp-remote https://x.example/?k=v --debug', 'npx mcp-remote https://x.example/?*** --debug'],
  [
    'https://registry.npmjs.org/left-pad/-/left-pad-1.3.0.tgz',
    'https://registry.npmjs.org/left-pad/-/left-pad-1.3.0.tgz',
  ],
  [`API_TOKEN=${secret}`, 'API_TOKEN=***'],
  [`--api-key ${secret} --port 8080`, '--api-key *** --port 8080'],
  [`{"secret": "${secret}"}`, '{"secret": "***"}'],
  [`Authorization: Bearer ${secret}==`, 'Authorization: Bearer ***'],
  [`run ghp_${secret}`, 'run ***'],
  [`sha512-${secret}`, `sha512-${secret}`],
  ['the key of the house', 'the key of the house'],
  ['@modelcontextprotocol/server-github', '@modelcontextprotocol/server-github'],
  ['', ''],
]
for (const [text, want] of cases)
  test(`${JSON.stringify(text)} is read as ${JSON.stringify(want)}`, () => assert.equal(maskText(text), want))

const word = fc.stringMatching(/^[A-Za-z0-9]{16,40}$/)
const name = fc.stringMatching(/^[a-z][a-z0-9-]{5,20}$/).filter((text) => !/home|users|secret|token/.test(text))

test('no query, no user of an address, no home and no named secret is left, whatever stands around it', () =>
  fc.assert(
    fc.property(word, name, fc.string(), (hidden, user, around) => {
      for (const text of [
        `${around} https://${hidden}@host.example/x`,
        `${around} https://host.example/x?${hidden}`,
        `${around} TOKEN=${hidden}`,
      ])
        assert.ok(!maskText(text).includes(hidden), text)
      assert.ok(!maskText(`${around.replaceAll(user, '')} /home/${user}/x`).includes(user))
    }),
  ))

test('masking again changes nothing more, and no text breaks it', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      const once = maskText(text)
      assert.equal(maskText(once), once)
    }),
  ))
