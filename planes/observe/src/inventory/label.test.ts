// Proof that an item id survives being taken apart, whatever an agent puts into it.
// That labels get numbers is proved with the rows of sync.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { itemIdOf, labelOf } from './label.ts'

test('a usual item id loses its path and gets it back', () => {
  const itemId = 'javascriptPackages/package//home/ada/app/package-lock.json/node_modules/axios/1.14.1'
  const label = labelOf('javascriptPackages', 'package', '/home/ada/app/package-lock.json', itemId)
  assert.equal(label, 'javascriptPackages/package/node_modules/axios/1.14.1')
  assert.equal(itemIdOf(label, '/home/ada/app/package-lock.json'), itemId)
})

test('any item id comes back from its label and path', () => {
  const text = fc.string({ unit: 'grapheme' })
  const surface = fc.stringMatching(/^[A-Za-z0-9._:-]{1,20}$/)
  const kind = fc.stringMatching(/^[A-Za-z]{1,12}$/)
  fc.assert(
    fc.property(surface, kind, text, text, (said, of, path, rest) => {
      const usual = `${said}/${of}/${path}/${rest}`
      assert.equal(itemIdOf(labelOf(said, of, path, usual), path), usual)
      assert.equal(itemIdOf(labelOf(said, of, path, rest), path), rest)
    }),
  )
})
