// Holds the shape that completion offers against the server's own check of a document: the same keys, the same words.
// What is offered where is tested beside the page.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPolicy } from '@muster/observe/policy-check'
import { firstDocument, policySchema, type Shape } from '@muster/web/policy-words'

type MapShape = Extract<Shape, { kind: 'map' }>

interface Place {
  readonly path: readonly string[]
  readonly shape: MapShape
}

/** Every map of the document, with the keys that lead there. */
const mapsOf = (shape: Shape, path: readonly string[] = []): readonly Place[] => {
  if (shape.kind === 'list') return mapsOf(shape.item, [...path, '-'])
  if (shape.kind !== 'map') return []
  return [{ path, shape }, ...Object.entries(shape.keys).flatMap(([key, one]) => mapsOf(one.shape, [...path, key]))]
}

/** A document with one key nobody knows in the map at that place. */
const documentWithOddKeyAt = (path: readonly string[]): string =>
  path.reduceRight((inner, key) => (key === '-' ? `[${inner}]` : `{ "${key}": ${inner} }`), '{ "odd-key": 1 }')

// Words that the server only knows to refuse with a reason of their own.
const refusedByName = ['mcp_servers', 'npm_packages', 'fleet']

for (const { path, shape } of mapsOf(policySchema))
  test(`keys at ${path.join('.') || 'the top'}`, () => {
    const { errors } = checkPolicy(documentWithOddKeyAt(path))
    const told = errors.find(({ code, message }) => code === 'unknown_key' && message.includes('"odd-key"'))
    const known = told?.message.split('known are ')[1]?.split(', ') ?? []
    assert.deepEqual(known.filter((key) => !refusedByName.includes(key)).toSorted(), Object.keys(shape.keys).toSorted())
  })

const offeredWords = mapsOf(policySchema).flatMap(({ path, shape }) =>
  Object.entries(shape.keys).flatMap(([key, { shape: value }]) => {
    const item = value.kind === 'list' ? value.item : value
    return item.kind !== 'words'
      ? []
      : item.words.map((word) => ({ path: [...path, key], isList: item !== value, word }))
  }),
)

test('no word that is offered is refused where it is offered', () => {
  assert.ok(offeredWords.length > 40)
  for (const { path, isList, word } of offeredWords) {
    const value = isList ? `[${word}]` : word
    const text = path.reduceRight((inner, key) => (key === '-' ? `[${inner}]` : `{ "${key}": ${inner} }`), value)
    const pointer = `/${path.map((key) => (key === '-' ? '0' : key)).join('/')}${isList ? '/0' : ''}`
    const faults = checkPolicy(text).errors.filter((fault) => fault.path === pointer)
    assert.deepEqual(
      faults.filter(({ code }) => code !== 'irrelevant_parameter'),
      [],
      `${pointer}: ${word}`,
    )
  }
})

test('what a new policy begins with has nothing wrong with it', () => {
  const { valid, warnings } = checkPolicy(firstDocument)
  assert.deepEqual({ valid, warnings }, { valid: true, warnings: [] })
})
