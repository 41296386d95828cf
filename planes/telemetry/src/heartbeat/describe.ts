// Whether a machine still is what it said it was: digests of its description, and which of its face changed.
// What a description holds is decide.ts; keeping it is store.ts.
import { hash } from 'node:crypto'
import type { Description } from './decide.ts'
import { macAndAddresses } from './facts.ts'

const short = (text: string): string => hash('sha256', text, 'hex').slice(0, 16)

export const descriptionDigest = (description: Description): string => short(JSON.stringify(description))

/** What makes `asset.updated` when it changes: name, system, MACs and addresses (telemetry 13.2). */
const faces = {
  hostname: ({ hostname }: Description) => hostname ?? '',
  os_family: ({ osFamily }: Description) => osFamily ?? '',
  os_version: ({ osVersion }: Description) => osVersion ?? '',
  network_interfaces: ({ networkInterfaces }: Description) =>
    networkInterfaces === null ? '' : short(macAndAddresses(networkInterfaces)),
} as const

const faceNames = Object.keys(faces) as readonly (keyof typeof faces)[]

/** One digest for each part, so that what changed can be named later on. */
export const faceOf = (description: Description): string =>
  faceNames.map((name) => short(faces[name](description)).slice(0, 8)).join(' ')

const unknownFace = faceNames.map(() => short('').slice(0, 8)).join(' ')

/** What is not known now is no change; an empty `before` is a machine that was never described. */
export const changedParts = (before: string, after: string): readonly string[] => {
  const [old, unknown] = [before.split(' '), unknownFace.split(' ')]
  if (before === '') return []
  return after.split(' ').flatMap((part, index) => {
    const isChange = part !== old[index] && part !== unknown[index]
    return isChange ? [faceNames[index] as string] : []
  })
}
