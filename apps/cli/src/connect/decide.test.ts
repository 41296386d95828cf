// Proof of the order in which places are asked, and that a token never travels to a server it was not given for.
// The files behind the places are tested in contexts.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '@muster/kernel'
import { type ConnectionFacts, decideConnection, defaultUrl, isExposed, tidyUrl } from './decide.ts'

const nothing: ConnectionFacts = { flags: {}, environment: {}, contexts: {}, currentContext: null, checkout: null }
const prod = 'https://prod.example'
const lab = 'https://lab.example'
const contexts = {
  prod: { url: prod, token: new Secret('prod-token'), caFile: '/prod.pem' },
  lab: { url: lab, token: new Secret('lab-token') },
}
const known: ConnectionFacts = { ...nothing, contexts, currentContext: 'prod' }
const checkout = { url: defaultUrl, token: new Secret('checkout-token') }

interface Case {
  readonly name: string
  readonly facts: ConnectionFacts
  readonly want: readonly [url: string, token: string | null, source: string | null, caFile?: string | null]
}

const cases: readonly Case[] = [
  { name: 'nothing said is the local server without a token', facts: nothing, want: [defaultUrl, null, null] },
  {
    name: 'a checkout brings its token to the local server',
    facts: { ...nothing, checkout },
    want: [defaultUrl, 'checkout-token', 'checkout'],
  },
  {
    name: 'a checkout does not bring its token anywhere else',
    facts: { ...nothing, flags: { url: prod }, checkout },
    want: [prod, null, null],
  },
  { name: 'the current context is used', facts: known, want: [prod, 'prod-token', 'context', '/prod.pem'] },
  {
    name: 'the current context goes before the checkout',
    facts: { ...known, checkout },
    want: [prod, 'prod-token', 'context', '/prod.pem'],
  },
  {
    name: 'the environment goes before the current context',
    facts: { ...known, environment: { url: lab, token: new Secret('env-token') } },
    want: [lab, 'env-token', 'environment', null],
  },
  {
    name: 'a token in the environment goes to the server of the context',
    facts: { ...known, environment: { token: new Secret('env-token') } },
    want: [prod, 'env-token', 'environment', '/prod.pem'],
  },
  {
    name: 'another URL never gets the token of the context',
    facts: { ...known, environment: { url: lab } },
    want: [lab, null, null, null],
  },
  {
    name: 'the same URL spelled otherwise gets the token of the context',
    facts: { ...known, flags: { url: 'HTTPS://Prod.example:443/' } },
    want: [prod, 'prod-token', 'context', '/prod.pem'],
  },
  {
    name: 'a URL as a flag never gets the token of another URL in the environment',
    facts: { ...nothing, flags: { url: lab }, environment: { url: prod, token: new Secret('env-token') } },
    want: [lab, null, null],
  },
  {
    name: 'a context named by a flag goes before the environment',
    facts: { ...known, flags: { context: 'lab' }, environment: { url: prod, token: new Secret('env-token') } },
    want: [lab, 'lab-token', 'context', null],
  },
  {
    name: 'a context named in the environment replaces the current one',
    facts: { ...known, environment: { context: 'lab' } },
    want: [lab, 'lab-token', 'context', null],
  },
  {
    name: 'flags go before everything',
    facts: { ...known, flags: { url: lab, token: new Secret('flag-token'), caFile: '/flag.pem' } },
    want: [lab, 'flag-token', 'flags', '/flag.pem'],
  },
]

for (const { name, facts, want } of cases)
  test(name, () => {
    const decided = decideConnection(facts)
    assert.ok(decided.ok)
    const { url, token, tokenSource, caFile } = decided.value
    assert.deepEqual([url, token?.reveal() ?? null, tokenSource, caFile], [...want.slice(0, 3), want[3] ?? null])
  })

test('a context that does not exist is refused by name', () => {
  const decided = decideConnection({ ...known, flags: { context: 'nowhere' } })
  assert.match(decided.ok ? '' : (decided.refusal.detail ?? ''), /nowhere/)
})

test('an address that is no URL is refused', () => {
  for (const url of ['muster.example', 'ftp://muster.example', '::'])
    assert.equal(decideConnection({ ...nothing, flags: { url } }).ok, false)
})

test('a path before the API is kept', () =>
  assert.equal(tidyUrl('https://example.com/muster/'), 'https://example.com/muster'))

test('only plain HTTP to another machine is exposed', () => {
  const urls = [
    'http://127.0.0.1:8080',
    'http://localhost',
    'http://[::1]:80',
    'https://prod.example',
    'http://10.0.0.1',
  ]
  assert.deepEqual(urls.map(isExposed), [false, false, false, false, true])
})
