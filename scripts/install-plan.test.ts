// Proves when a checkout counts as installed, for the cases a newcomer and a returning user meet.
// That npm then does its part is npm's to prove.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differences } from './install-plan.mjs'

interface Entry {
  readonly version?: string
  readonly integrity?: string
  readonly optional?: boolean
  readonly link?: boolean
  readonly resolved?: string
}
type Tree = Record<string, Entry>

const left = { version: '1.0.0', integrity: 'sha512-a' }
const linked = { link: true, resolved: 'kernel' }

interface Case {
  readonly name: string
  readonly wanted: Tree
  readonly installed: Tree | null
  readonly gone?: string
  readonly want: readonly string[]
}

const cases: readonly Case[] = [
  { name: 'nothing is installed', wanted: { 'node_modules/left': left }, installed: null, want: ['node_modules/left'] },
  {
    name: 'all of it is there',
    wanted: { '': {}, kernel: {}, 'node_modules/left': left, 'node_modules/@muster/kernel': linked },
    installed: { 'node_modules/left': left, 'node_modules/@muster/kernel': linked },
    want: [],
  },
  {
    name: 'another version is there',
    wanted: { 'node_modules/left': left },
    installed: { 'node_modules/left': { version: '1.0.1', integrity: 'sha512-a' } },
    want: ['node_modules/left'],
  },
  {
    name: 'the same version with other bytes is there',
    wanted: { 'node_modules/left': left },
    installed: { 'node_modules/left': { version: '1.0.0', integrity: 'sha512-b' } },
    want: ['node_modules/left'],
  },
  {
    name: 'a package for another system is left out',
    wanted: { 'node_modules/left': { ...left, optional: true } },
    installed: {},
    want: [],
  },
  {
    name: 'nothing is installed, and a package may be left out',
    wanted: { 'node_modules/left': { ...left, optional: true } },
    installed: null,
    want: ['node_modules/left'],
  },
  {
    name: 'somebody deleted a folder',
    wanted: { 'node_modules/left': left },
    installed: { 'node_modules/left': left },
    gone: 'node_modules/left',
    want: ['node_modules/left'],
  },
  {
    name: 'a room has moved',
    wanted: { 'node_modules/@muster/kernel': { link: true, resolved: 'core/kernel' } },
    installed: { 'node_modules/@muster/kernel': linked },
    want: ['node_modules/@muster/kernel'],
  },
]

for (const { name, wanted, installed, gone, want } of cases)
  test(name, () => {
    const found = differences(
      { packages: wanted },
      installed === null ? null : { packages: installed },
      (path) => path !== gone,
    )
    assert.deepEqual(found, want)
  })
