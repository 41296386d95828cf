// Runs files named `*.built.ts` while building and keeps only what they export, as plain values.
// So the browser gets the paths of routes without the schemas they stand beside.
import { pathToFileURL } from 'node:url'
import type { Plugin } from 'vite'

export const evaluateBuilt = (): Plugin => ({
  name: 'evaluate-built',
  async load(id) {
    const [path = ''] = id.split('?', 1)
    if (!path.endsWith('.built.ts')) return null
    const values = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>
    return Object.entries(values)
      .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)}`)
      .join('\n')
  },
})
