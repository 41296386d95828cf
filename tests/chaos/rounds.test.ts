// Kill -9 at random points under load: what was acknowledged is there afterwards, once, and everything that follows from it.
// `npm run chaos` runs hundreds of rounds; MUSTER_CHAOS_ROUNDS and MUSTER_CHAOS_SEED choose how many, and which.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseSeed, countFrom, createDice } from './dice.ts'
import { readDataFolder } from './facts.ts'
import { beginLife } from './life.ts'
import { findFaultsShown } from './operator-view.ts'
import { ownerOf } from './program.ts'
import { findFaults } from './verdict.ts'

const rounds = countFrom('MUSTER_CHAOS_ROUNDS', 4)
const seed = chooseSeed('MUSTER_CHAOS_SEED')
/** Then a new data folder, so that a database stays small enough to be looked at after every death. */
const mostDeaths = 8

const dice = createDice(seed)

for (let before = 0; before < rounds; before += mostDeaths) {
  const deaths = Math.min(mostDeaths, rounds - before)
  test(`a server killed in rounds ${before + 1} to ${before + deaths} loses and doubles nothing (seed ${seed})`, async (t) => {
    const life = await beginLife(dice.fork())
    t.after(() => life.end())
    for (let death = 1; death <= deaths; death += 1) {
      // The deaths before find a young server; how much one gets done until it dies depends on the machine.
      if (death === Math.ceil(deaths / 2)) await life.achieve()
      assert.deepEqual(await life.die(), [], `after round ${before + death} of seed ${seed}`)
    }

    const program = await life.revive()
    await life.crowd.drain()
    const owner = ownerOf(life.dataDir, life.address)
    assert.deepEqual(await findFaultsShown(owner, life.crowd), [])
    owner.close()
    await program.stop()
    const facts = await readDataFolder(life.dataDir)
    assert.deepEqual(findFaults(life.crowd, facts), [])
    const stored = facts.devices.reduce((sum, { events }) => sum + events.length, 0)
    const told = life.crowd.devices().reduce((sum, { sentences }) => sum + sentences.length, 0)
    assert.equal(stored, told)
    const { tokenIds, revisionIds, tags } = life.crowd.operator.confirmed
    assert.ok(stored > 0 && tokenIds.length > 0 && revisionIds.length > 0 && tags.size > 0)
    t.diagnostic(
      `${deaths} deaths, ${stored} events of ${facts.devices.length} devices, ${facts.audit.length} audit entries`,
    )
  })
}
