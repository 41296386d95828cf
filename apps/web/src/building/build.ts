// Builds the dashboard into static files, compressed ahead of time, and only when its sources changed.
// Serving them is serving/; nothing here runs in a server.
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { build } from 'vite'
import { evaluateBuilt } from './evaluate.ts'
import { builtFolder, digestOfSources, readStamp, stampFile, webFolder } from './folder.ts'

const isText = (path: string): boolean => /\.(js|css|svg|json)$/.test(path)

const compressAll = (folder: string): void => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isText)
  for (const file of files) {
    const bytes = readFileSync(join(folder, file))
    const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }
    writeFileSync(join(folder, `${file}.br`), brotliCompressSync(bytes, quality))
    writeFileSync(join(folder, `${file}.gz`), gzipSync(bytes, { level: 9 }))
  }
}

const bundle = (outDir: string) =>
  build({
    configFile: false,
    root: webFolder,
    base: '/',
    logLevel: 'warn',
    plugins: [react(), evaluateBuilt()],
    build: {
      outDir,
      target: 'es2023',
      // What is inlined would need a wider content security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 2000,
    },
  })

/** Whoever comes second with the same sources leaves what is there. */
const moveIntoPlace = (made: string, digest: string): void => {
  const old = `${builtFolder}-old-${process.pid}`
  try {
    if (readStamp(builtFolder) !== digest) {
      if (readStamp(builtFolder) !== null) renameSync(builtFolder, old)
      renameSync(made, builtFolder)
    }
  } catch (cause) {
    if (readStamp(builtFolder) !== digest) throw new Error(`put the dashboard into ${builtFolder}`, { cause })
  } finally {
    for (const folder of [made, old]) rmSync(folder, { recursive: true, force: true })
  }
}

/** Resolves with whether anything had to be built. */
export const ensureDashboard = async (onStart: () => void = () => undefined): Promise<boolean> => {
  const digest = digestOfSources()
  if (readStamp(builtFolder) === digest) return false
  onStart()
  const made = `${builtFolder}-${process.pid}`
  await bundle(made)
  compressAll(made)
  writeFileSync(join(made, stampFile), digest)
  moveIntoPlace(made, digest)
  return true
}
