// Proof that a concealed document says the same of what is disclosed, nothing of the rest, and is as valid as it was.
// Which values each tool's reader discloses is tested beside those readers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parse, stringify } from 'smol-toml'
import { type Disclosure, named, shown } from './disclosure.ts'
import { type ConcealedReading, readConcealedJson, readConcealedToml } from './read-concealed.ts'

const servers: Disclosure = {
  keys: {
    servers: { anyKey: { keys: { url: shown, args: { members: shown }, helper: named } } },
    list: { members: { keys: { name: shown } } },
  },
}

const json = (text: string, disclosure = servers): ConcealedReading =>
  readConcealedJson(Buffer.from(text, 'utf8'), disclosure)
const toml = (text: string, disclosure = servers): ConcealedReading =>
  readConcealedToml(Buffer.from(text, 'utf8'), disclosure)

const valueOf = (reading: ConcealedReading): unknown => {
  assert.ok(reading.ok, 'the document was refused')
  return JSON.parse(JSON.stringify(reading.value))
}

test('JSON: what is disclosed stays, the rest keeps its type and loses its content', () => {
  const text = JSON.stringify({
    token: 'sk-top',
    servers: {
      a: { url: 'https://x', args: ['-y', 'sk-in-args-is-shown'], helper: 'sk-h', env: { 'sk-key': 'sk-v' } },
    },
    list: [{ name: 'n', 'sk-other': 907 }],
  })
  const reading = json(text)
  assert.ok(reading.ok)
  assert.deepEqual(JSON.parse(reading.text), {
    '     ': '      ',
    servers: {
      a: { url: 'https://x', args: ['-y', 'sk-in-args-is-shown'], helper: '    ', '   ': { '      ': '    ' } },
    },
    list: [{ name: 'n', '        ': 101 }],
  })
})

const accepted: { name: string; text: string }[] = [
  { name: 'comments', text: '{ // sk-1\n "list" /* sk-2 \n */ : [] }' },
  { name: 'a comment at the end', text: '{"list":[]} // sk-1' },
  { name: 'trailing commas', text: '{"list":[{"name":"a",},],"x":[1,],}' },
  { name: 'a comment after the trailing comma', text: '{"list":[1, /* sk-1 */ ], // sk-2\n}' },
  { name: 'a byte order mark', text: '\ufeff{"list":[]}' },
  { name: 'what looks like a comment in a string', text: '{"servers":{"a":{"url":"https://x/*y*/"}}}' },
]
for (const { name, text } of accepted)
  test(`JSON with ${name} is read and hides what it should`, () => {
    const reading = json(text)
    assert.ok(reading.ok)
    assert.doesNotMatch(reading.text, /sk-/)
  })

test('JSON: what stands in a string is left as it is', () => {
  const url = 'https://x/*y*/,] "\\\n//z'
  assert.deepEqual(valueOf(json(JSON.stringify({ servers: { a: { url } } }))), { servers: { a: { url } } })
})

const refusedJson = [
  '{',
  '{"a":1',
  '[,]',
  '{,}',
  '{"a":,}',
  '{"a":1,,}',
  '{"a" 1}',
  '{"env":{"a" "b"}}',
  '{"a":"x',
  '{} {}',
  "{'a':1}",
  '{"a":"\n"}',
  '{"a":"\\x"}',
  '{"a":"\\u12"}',
  '{"a":1 /* ',
  '',
  '{"a":tru}',
  '{"a":01}',
  '[1 2]',
  '}',
]
for (const text of refusedJson)
  test(`JSON is refused although its fault is concealed: ${JSON.stringify(text)}`, () =>
    assert.equal(json(text).ok, false))

test('a document of five megabytes that only opens is refused in linear time and space', () => {
  for (const piece of ['[', '{"a":', '{"servers":', '"', '/*', '[,', 'x = [', '[[', '"a"."b".']) {
    const text = piece.repeat(Math.floor(5_000_000 / piece.length))
    assert.equal(json(text).ok, false)
    assert.equal(toml(text).ok, false)
  }
})

test('a TOML key longer than any tool has is refused before it costs anything', () => {
  for (const [parts, want] of [
    [800, true],
    [1_000_000, false],
  ] as const) {
    const long = 'list.'.repeat(parts)
    for (const text of [`[${long}x]`, `[[${long}x]]`, `${long}x = 0`, `["a".${long}x]`])
      assert.equal(toml(text).ok, want, text.slice(0, 20))
  }
})

/** What is left of a value when only what is disclosed counts; the model the concealing is held against. */
const project = (value: unknown, seen: Disclosure | undefined): unknown => {
  if (typeof value === 'string') return seen?.isShown === true ? value : value === '' ? 'empty' : 'text'
  if (Array.isArray(value)) return value.map((member) => project(member, seen?.members))
  if (typeof value !== 'object' || value === null) return typeof value
  const pairs = Object.entries(value).flatMap(([key, inner]) => {
    const next = Object.hasOwn(seen?.keys ?? {}, key) ? seen?.keys?.[key] : seen?.anyKey
    return next === undefined ? [] : [[key, project(inner, next)] as const]
  })
  return pairs
}

const key = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('servers', 'list', 'url', 'args', 'helper', 'name', 'a') },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 6 }).filter((text) => text !== '__proto__') },
)
const leaf = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('"', '\\', '\n', "'", '#', ']', ',', 'é', '{') }),
  fc.integer(),
  fc.boolean(),
)
const { document } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, leaf, tie('document'), fc.array(tie('value'), { maxLength: 4 })),
  document: fc.dictionary(key, tie('value'), { maxKeys: 5 }),
}))

test('JSON: a concealed document says of the disclosed what the open one says', () => {
  fc.assert(
    fc.property(document, fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      assert.deepEqual(project(valueOf(json(text)), servers), project(JSON.parse(text), servers))
    }),
    { numRuns: 1500 },
  )
})

// TOML has no mixed nulls; a list is written as its library writes it, inline or as tables.
test('TOML: a concealed document says of the disclosed what the open one says', () => {
  fc.assert(
    fc.property(document, (value) => {
      const text = stringify(value)
      const open = JSON.parse(JSON.stringify(parse(text)))
      assert.deepEqual(project(valueOf(toml(text)), servers), project(open, servers))
    }),
    { numRuns: 1500 },
  )
})

test('TOML: a list of tables discloses what its members do, and the tables below them too', () => {
  const text = '[[list]]\nname = "a"\nkey = "sk-1"\n[list.sub]\nname = "sk-2"\n[[list]]\nname = "#"\n'
  const reading = toml(text)
  assert.deepEqual(project(valueOf(reading), servers), [['list', [[['name', 'a']], [['name', '#']]]]])
  assert.ok(reading.ok)
  assert.doesNotMatch(reading.text, /sk-/)
})

test('TOML: no secret is left in any of the ways to write one', () => {
  const text = [
    '# sk-comment',
    'token = "sk-1" # sk-comment',
    'servers.c.env.K = "sk-2"',
    '"quo\\"ted" = \'sk-3\'',
    'port = 907',
    'day = 2024-09-17T23:59:58Z',
    'many = ["sk-4", # sk-comment',
    '  """sk-5',
    'sk-6 \\" """,',
    "  '''sk-7''', ]",
    'long = """a sk-8 "" """""',
    '[servers.a]',
    'url = "https://x" # sk-comment',
    'args = ["-y", "pkg"]',
    'helper = "sk-9"',
    'env = { A = "sk-a", "B.C" = \'sk-b\', D = { E = "sk-c" } }',
    '[servers.a.headers]',
    'Authorization = "Bearer sk-d"',
    '[[other]]',
    'x = "sk-e"',
    '[ servers . "b" ]',
    "url = 'https://y'",
    '',
  ]
  for (const end of ['\n', '\r\n']) {
    const reading = toml(text.join(end))
    assert.ok(reading.ok)
    assert.doesNotMatch(reading.text, /sk-/)
    assert.doesNotMatch(reading.text, /907|2024/)
    const { servers } = reading.value as { servers: Record<string, Record<string, unknown>> }
    assert.deepEqual(
      [servers['a']?.['url'], servers['a']?.['args'], servers['b']?.['url']],
      ['https://x', ['-y', 'pkg'], 'https://y'],
    )
    assert.equal(servers['a']?.['helper'], '    ')
  }
})

const refusedToml = [
  'a',
  'a =',
  'a = "x',
  'a = "x" b = 1',
  '[a',
  '[[a]',
  'a = [1',
  'a = {b = 1',
  '= 1',
  'a = "\\q"',
  'a = 1\na = 2',
  '[a]\n[a]',
  'a = 01',
  'a = """x',
  "a = 'x\n'",
]
for (const text of refusedToml)
  test(`TOML is refused: ${JSON.stringify(text)}`, () => assert.equal(toml(text).ok, false))

test('TOML: the escapes of a key are those of the language', () => {
  const text = '["serv\\u0065rs"."\\U0001F600"]\nurl = "https://x"\nenv = {"\\u0075rl" = "sk-1"}\n'
  assert.deepEqual(project(valueOf(toml(text)), servers), [['servers', [['\u{1F600}', [['url', 'https://x']]]]]])
})

test('whatever the bytes, reading ends with a value or a refusal', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 60 }),
        fc.string({ unit: fc.constantFrom(...Array.from('{}[]",:\\/*=#\'.\na1 ')) }).map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        for (const read of [readConcealedJson, readConcealedToml]) read(Buffer.from(bytes), servers)
      },
    ),
    { numRuns: 5000 },
  )
})
