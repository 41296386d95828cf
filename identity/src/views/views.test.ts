// Saved views on both engines: an operator finds, replaces and forgets their own, and nobody sees those of others.
// How many there may be is a rule of decide.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { MOST_SAVED_VIEWS } from '@muster/contract'
import { eachEngine } from '@muster/storage/testing'
import { by, openTestRoom, type TestRoom } from '../room.fixture.ts'
import { decideSave } from './decide.ts'

test('there are so many views and no more, but any of them can be replaced', () => {
  assert.equal(decideSave(MOST_SAVED_VIEWS - 1, true).ok, true)
  assert.equal(decideSave(MOST_SAVED_VIEWS, true).ok, false)
  assert.equal(decideSave(MOST_SAVED_VIEWS, false).ok, true)
})

eachEngine((engine) => {
  let room: TestRoom
  before(async () => {
    room = await openTestRoom(engine)
  })
  after(() => room.close())

  const ada = { tenantId: 'default', operatorId: 'opr_ada' }

  test('a view is kept, replaced under its name and forgotten', async () => {
    const { savedViews } = room.identity
    const first = await savedViews.save(by, ada, { page: 'devices', name: 'silent', query: 'liveness=dormant' })
    assert.ok(first.ok)
    const other = await savedViews.save(by, ada, { page: 'audit', name: 'silent', query: '' })
    assert.ok(other.ok)
    const again = await savedViews.save(by, ada, { page: 'devices', name: 'silent', query: 'liveness=offline\0' })
    assert.deepEqual(again.ok && again.value, { ...first.value, query: 'liveness=offline\uFFFD' })
    assert.deepEqual(await savedViews.list(ada), [other.value, again.ok && again.value])
    assert.deepEqual(await savedViews.list(ada, 'audit'), [other.value])
    assert.equal((await savedViews.remove(by, ada, first.value.id)).ok, true)
    assert.equal((await savedViews.remove(by, ada, first.value.id)).ok, false)
    assert.deepEqual(await savedViews.list(ada), [other.value])
    const told = room.audit.filter(({ target }) => target.id === first.value.id).map(({ action }) => action)
    assert.deepEqual(told, ['saved_view.saved', 'saved_view.saved', 'saved_view.deleted'])
  })

  test('views of another operator, and of the same name elsewhere, are not there', async () => {
    const { savedViews } = room.identity
    const view = { page: 'findings', name: 'mine', query: 'severity=critical' }
    const saved = await savedViews.save(by, ada, view)
    assert.ok(saved.ok)
    for (const other of [
      { ...ada, operatorId: 'opr_bob' },
      { ...ada, tenantId: 'elsewhere' },
    ]) {
      assert.deepEqual(await savedViews.list(other), [])
      assert.equal((await savedViews.remove(by, other, saved.value.id)).ok, false)
      const own = await savedViews.save(by, other, { ...view, query: '' })
      assert.ok(own.ok && own.value.id !== saved.value.id)
    }
    assert.deepEqual(await savedViews.list(ada, 'findings'), [saved.value])
  })
})
