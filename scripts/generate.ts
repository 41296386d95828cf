// `npm run generate`: writes what is made from the contract and checked in, so that a reader needs no program.
// A test of the server holds the files against the contract.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openApiFile, openApiText } from '@muster/server'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const file = join(root, openApiFile)
mkdirSync(dirname(file), { recursive: true })
writeFileSync(file, openApiText())
console.log(`wrote ${openApiFile}`)
