// The agent on disks that run full, whose fsync fails, or whose power is cut: it lives, says so in one line, tells
// nothing that is not on its disk, and goes on by itself. How such disks are made is small-disk.ts.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type AgentGround, openAgentGround } from './agent.ts'
import { chooseSeed, createDice } from './dice.ts'
import type { Program } from './program.ts'
import { makeFailingDisk, makeFullDisk, makeMortalDisk, type SmallDisk } from './small-disk.ts'

const seed = chooseSeed('MUSTER_CHAOS_SEED')
const dice = createDice(seed)

const open = async (t: TestContext, stack: AsyncDisposableStack, make: () => SmallDisk) => {
  const disk = make()
  stack.defer(() => disk.remove())
  t.diagnostic(`a disk that ${disk.fault}, seed ${seed}`)
  return { disk, ground: await openAgentGround(stack, disk.dataDir, dice.fork()) }
}

const failing = 'disk takes no writes; going on until it does'
const linesOf = (program: Program, message: string): number => program.said().split(`"msg":"${message}"`).length - 1

type Projects = Record<string, number>
const countOf = (projects: Projects): number => Object.values(projects).reduce((sum, packages) => sum + packages, 0)

const namesOf = (projects: Projects): readonly string[] =>
  Object.entries(projects).flatMap(([project, packages]) =>
    Array.from({ length: packages }, (_, at) => `${project}-${at}`),
  )

/** Everything was told once, by one device that numbered it without a gap. */
const proveWhole = async (ground: AgentGround, projects: Projects, agents: readonly Program[] = []): Promise<void> => {
  const told = (await ground.told()).map((line) => line.split(' '))
  const names = told.map(([, name = '']) => name)
  // File systems may lose what they could not write at once, also when told again; a database that is lost is told anew.
  const isLost = agents.some((agent) => agent.said().includes('database is damaged'))
  assert.deepEqual((isLost ? [...new Set(names)] : names).toSorted(), namesOf(projects).toSorted())
  assert.deepEqual(
    told.map(([sequence]) => Number(sequence)),
    Array.from({ length: told.length }, (_, at) => at + 1),
  )
  assert.equal(await ground.devices(), 1)
}

const many = 1500

/** Installs until the agent cannot write it down: a disk that fails may still have room for a little. */
const installUntilFailure = async (ground: AgentGround, agent: Program, projects: Projects): Promise<void> => {
  while (linesOf(agent, failing) === 0) {
    const project = `p${Object.keys(projects).length}`
    projects[project] = many
    ground.install(project, many)
    const told = ground.untilTold(countOf(projects), () => linesOf(agent, failing) > 0)
    await Promise.race([told, agent.ended.then(() => assert.fail(agent.said()))])
  }
}

/** An agent that has told something, on a disk that then fails. */
const failUnder = async (disk: SmallDisk, ground: AgentGround) => {
  const projects: Projects = { before: 3 }
  ground.install('before', 3)
  const agent = await ground.start()
  await ground.untilTold(3)
  await disk.fail(agent.pid)
  await installUntilFailure(ground, agent, projects)
  return { agent, projects }
}

for (const { name, make } of [
  { name: 'a full disk', make: makeFullDisk },
  { name: 'a disk whose fsync fails', make: makeFailingDisk },
])
  test(`${name}: the agent lives, says so in one line, and tells everything once as soon as the disk is well`, async (t) => {
    await using stack = new AsyncDisposableStack()
    const { disk, ground } = await open(t, stack, make)
    const { agent, projects } = await failUnder(disk, ground)
    await disk.heal(agent.pid)
    await ground.untilTold(countOf(projects))
    await proveWhole(ground, projects, [agent])
    assert.equal(linesOf(agent, failing), 1, agent.said())
    await agent.stop()
  })

test('a disk whose fsync fails, and then the power is cut: what the agent told is on its disk, and the rest it tells afterwards', async (t) => {
  await using stack = new AsyncDisposableStack()
  const { disk, ground } = await open(t, stack, makeMortalDisk)
  const { agent, projects } = await failUnder(disk, ground)
  await agent.kill()
  await disk.cutPower()
  const next = await ground.start()
  await ground.untilTold(countOf(projects))
  await proveWhole(ground, projects)
  await next.stop()
})

const cuts = 2

test('the power is cut under the agent, again and again: nothing is lost, nothing doubled', async (t) => {
  await using stack = new AsyncDisposableStack()
  const { disk, ground } = await open(t, stack, makeMortalDisk)
  const projects: Projects = {}
  for (let times = 1; times <= cuts; times += 1) {
    const agent = await ground.start()
    const before = (await ground.told()).length
    const packages = dice.between(1, many)
    ground.install(`p${times}`, (projects[`p${times}`] = packages))
    await ground.untilTold(before + dice.between(1, packages))
    await agent.kill()
    await disk.cutPower()
  }
  const last = await ground.start()
  await ground.untilTold(countOf(projects))
  await proveWhole(ground, projects)
  await last.stop()
})
