// A program for tests that does a deed and is killed by the operating system in the middle of a chosen write of it.
// Run as: die-at.ts DATABASE DEED TABLE insert|update|delete NTH; it prints the events it sent, and what is left on the
// disk is looked at by whoever started it.
import { writeSync } from 'node:fs'
import { DEEDS, doDeed, openWorld } from './deeds.ts'

const [path = '', name = '', table = '', write = 'insert', nth = '1'] = process.argv.slice(2)
const deed = DEEDS[name]
if (deed === undefined) throw new Error(`there is no deed "${name}"`)

const world = openWorld(path, (events) => events.forEach((event) => writeSync(1, `${JSON.stringify(event)}\n`)))
await deed.before(world)
let left = Number(nth)
world.db.function('die', () => {
  left -= 1
  if (left === 0) process.kill(process.pid, 'SIGKILL')
  return null
})
world.db.exec(`create temp trigger die after ${write} on main.${table} begin select die(); end`)
await doDeed(world, deed)
