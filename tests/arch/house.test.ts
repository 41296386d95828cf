// The house as it stands, against every rule of it.
// That each rule can fail is proved beside the rule.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { REFUSALS } from '@muster/contract'
import { readCheckout } from './checkout.ts'
import { checkDoors, checkRooms, checkWorld } from './doors.ts'
import { checkDrawers, checkOpenings, checkSizes } from './form.ts'
import { checkPromises, checkSkips } from './honesty.ts'
import { checkInstallScripts, checkLinks, checkReasons, checkRunbook, checkVersions } from './papers.ts'
import { checkPurity } from './purity.ts'
import { checkFeatures, checkPlan, checkTree, readTree } from './tree.ts'

const house = readCheckout()
const { sources, files, folders, rooms, read } = house
const roomFolders = rooms.map((room) => room.folder)
const manifests = [...rooms, house.root]
const tree = readTree(read('README.md'))
const prose = files.filter((path) => path.endsWith('.md')).map((path) => ({ path, text: read(path) }))

const rules: Readonly<Record<string, () => readonly string[]>> = {
  'imports go down only, and through doors': () => checkDoors(sources, rooms, house.root.devDependencies),
  'only edges and apps touch the world': () => checkWorld(sources),
  'every door exists': () => checkRooms(rooms, files),
  'decisions are pure': () => checkPurity(sources),
  'files say what they are': () => checkOpenings(sources),
  'files and functions are short': () => checkSizes(sources),
  'no file is a drawer': () => checkDrawers(files),
  'no test is left out': () => checkSkips(sources),
  'no comment puts work off': () => checkPromises(sources, prose),
  'every folder is in the plan': () => checkPlan(folders, roomFolders),
  'the tree in the README is the disk': () => checkTree(tree, folders),
  'the stories of rooms name their features': () => checkFeatures(tree, roomFolders, folders),
  'every refusal has a runbook page, and every page a refusal': () => checkRunbook(REFUSALS, files, read),
  'links in papers lead somewhere': () => checkLinks(prose, [...files, ...folders]),
  'every dependency is pinned': () => checkVersions(manifests),
  'every runtime dependency has a reason': () =>
    checkReasons(
      manifests,
      rooms.map((room) => room.name),
      read('docs/adr/0001-dependencies.md'),
    ),
  'every install script is approved': () =>
    checkInstallScripts(JSON.parse(read('package-lock.json')), house.approvedScripts),
}

test('the rules see the house', () => {
  assert.ok(sources.length > 20 && rooms.length > 10 && tree.length > 10)
})

for (const [rule, check] of Object.entries(rules))
  test(rule, () => {
    const complaints = check()
    assert.ok(complaints.length === 0, `\n${complaints.join('\n')}`)
  })
