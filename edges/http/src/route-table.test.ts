// Which route a request line names, as a table; that the listeners ask this table is tested with them.
// No sockets here.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { declare } from '@muster/contract'
import * as fc from 'fast-check'
import { z } from 'zod'
import { createRouteTable } from './route-table.ts'

const route = (method: 'GET' | 'POST', path: string) =>
  declare({ method, path, summary: '', speaker: 'anyone', reply: z.unknown(), refusals: [] })

const paths = ['/api/a', '/api/a/{id}', '/api/a/{id}:push', '/api/a/{id}/b/{no}', '/api/a/{id}/c', '/api/a.c'] as const
const tableWith = (prefix: string) =>
  createRouteTable(
    paths.map((path) => [route('POST', path), path] as const),
    prefix,
  )

suite('route table', () => {
  const cases: readonly [string, string, string | undefined, Record<string, string>?][] = [
    ['*', '/api/a', '/api/a'],
    ['*', '/api/a///', '/api/a'],
    ['*', '/x/y/api/a?q=/api/a.c', '/api/a'],
    ['*', '/api/axc', undefined],
    ['*', '/api/a/7', '/api/a/{id}', { id: '7' }],
    ['*', '/x/api/a/7:push/', '/api/a/{id}:push', { id: '7' }],
    ['*', '/api/a/7:pull', undefined],
    ['*', '/api/a/a%20%3A/b/%2F', '/api/a/{id}/b/{no}', { id: 'a :', no: '/' }],
    ['*', '/api/a/%', undefined],
    ['*', '/x/api/a/7/c', '/api/a/{id}/c', { id: '7' }],
    ['*', '/api/a/%C3%A9/c', '/api/a/{id}/c', { id: 'é' }],
    ['*', '/api/a/c', '/api/a/{id}', { id: 'c' }],
    ['*', '/a/c', undefined],
    ['*', '/api/a/', '/api/a'],
    ['*', '', undefined],
    ['', '/api/a', '/api/a'],
    ['', '/x/api/a', undefined],
    ['', '/x/api/a/7', undefined],
    ['', '/api/a/7/c', '/api/a/{id}/c', { id: '7' }],
    ['', '/api/a/7/7/c', undefined],
    ['/x', '/x/api/a/', '/api/a'],
    ['/x', '/x/api/a/7', '/api/a/{id}', { id: '7' }],
    ['/x', '/api/a', undefined],
    ['/x', '/x/y/api/a/7', undefined],
    ['/x', '/x/api/a/7/c', '/api/a/{id}/c', { id: '7' }],
    ['/x.', '/xy/api/a/7', undefined],
  ]
  for (const [prefix, url, want, params] of cases)
    test(`behind ${JSON.stringify(prefix)}, ${JSON.stringify(url)} is ${want}`, () => {
      const found = tableWith(prefix).find(url)
      assert.equal(found?.entries['POST'], want)
      assert.deepEqual(found?.params, params)
    })

  test('methods of one path are kept apart, and none is found by a name objects have', () => {
    const table = createRouteTable([[route('GET', '/a'), 'read'] as const, [route('POST', '/a'), 'write'] as const], '')
    const entries = table.find('/a')?.entries
    assert.deepEqual([entries?.['GET'], entries?.['POST'], entries?.['constructor']], ['read', 'write', undefined])
  })
  test('two handlers for one sentence are a fault', () => {
    assert.throws(
      () =>
        createRouteTable(
          [1, 2].map((no) => [route('GET', '/a'), no] as const),
          '',
        ),
      /two handlers for GET \/a/,
    )
  })
  test('whatever is asked, a table answers, and parameters come back as they were encoded', () => {
    const table = tableWith('*')
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (url) => void table.find(url)))
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (id) => {
        assert.equal(table.find(`/api/a/${encodeURIComponent(id)}`)?.params?.['id'], id)
      }),
    )
  })
})
