// kill -9 between the files of a first start: the copy of the configuration, the key, the enrolment, the configuration
// without its token, the policy and the number that is remembered. Whatever is there, the next start makes one device of
// it that has told everything once. Kills within the database are lanes/observe/deeds.test.ts.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { before, suite, test } from 'node:test'
import { type Backend, startBackend } from './lanes/observe/testing/backend.ts'
import { scratchFolder } from './lanes/observe/testing/stores.ts'
import { launchBy, place, program, textOf } from './program/testing/agent-program.ts'

const ahead = new URL('./program/testing/die-at-file.ts', import.meta.url).href
const compiled = scratchFolder()
const launch = (config: string, fatal: string) =>
  launchBy(process.execPath, ['--import', ahead, program, 'run', '--config', config], {
    DIE_AT: fatal,
    NODE_COMPILE_CACHE: compiled,
  })

const packages = { a: '1.0.0', b: '2.0.0', c: '3.0.0' }

const settle = async () => {
  const backend = await startBackend()
  backend.levers.bundle = { generation: 'g1', json: '{"watch":{"pollIntervalSeconds":30},"rules":[],"sync":{}}' }
  const { config, dataDir, lock } = place({
    server: backend.url,
    serverCA: backend.caFile,
    enrollmentToken: 'met_first',
  })
  lock(packages)
  return { backend, config, dataDir }
}

/** Runs until everything is told and the policy reported, and then ends in good order. */
const live = async (backend: Backend, config: string): Promise<string> => {
  const agent = launch(config, '0')
  const said = textOf(agent)
  const isReported = () => backend.heard.checkIns.some(({ activeConfigGeneration: active }) => active === 'g1')
  await backend.until(() => backend.inventory().length === 3 && isReported())
  agent.kill('SIGTERM')
  assert.deepEqual(await once(agent, 'close'), [0, null], said.err)
  return said.err
}

const proveOneDevice = ({ heard, inventory }: Backend, config: string, dataDir: string): void => {
  assert.deepEqual(inventory(), ['a@1.0.0', 'b@2.0.0', 'c@3.0.0'])
  const numbers = [...heard.events.values()].map(({ localSequence }) => localSequence)
  assert.deepEqual(
    numbers.toSorted((left, right) => left - right),
    [1, 2, 3],
  )
  assert.equal(new Set(heard.enrollments.map(({ publicKey }) => publicKey)).size, 1, 'one key for one device')
  assert.doesNotMatch(readFileSync(config, 'utf8'), /met_first/)
  const drafts = readdirSync(dataDir, { recursive: true }).filter((name) => String(name).endsWith('.draft'))
  assert.deepEqual(drafts, [])
}

const moments = 6

suite('a first start', { concurrency: 2 }, () => {
  before(async () => {
    const { backend, config, dataDir } = await settle()
    assert.match(await live(backend, config), new RegExp(`^${moments} moments$`, 'm'))
    proveOneDevice(backend, config, dataDir)
    await backend.hangUp()
  })

  for (let nth = 1; nth <= moments; nth += 1)
    for (const when of ['before', 'after'])
      test(`killed right ${when} the ${nth}. file takes its place, leaves a device that tells everything once`, async () => {
        const { backend, config, dataDir } = await settle()
        const killed = launch(config, `${nth} ${when}`)
        assert.deepEqual(await once(killed, 'close'), [null, 'SIGKILL'])
        await live(backend, config)
        proveOneDevice(backend, config, dataDir)
        await backend.hangUp()
      })
})
