// `npm run generate`: writes what is made from code and checked in, so that a reader needs no program.
// Tests hold the files against what they are made from.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packagedServices } from '@muster/agent'
import { asyncApiFile, asyncApiText, openApiFile, openApiText, schemasFile, schemasText } from '@muster/server'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const generated = [
  { path: openApiFile, text: openApiText() },
  { path: asyncApiFile, text: asyncApiText() },
  { path: schemasFile, text: schemasText() },
  ...packagedServices().map(({ path, text }) => ({ path: `deploy/${path}`, text })),
]
for (const { path, text } of generated) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
  console.log(`wrote ${path}`)
}
