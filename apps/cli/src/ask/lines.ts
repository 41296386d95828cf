// A file as lines, however long it is.
// What a line means is the command's business.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { EXIT, Stop } from '../stop.ts'
import type { World } from '../world.ts'
import { pathOf } from './file.ts'

/** Every line that is not empty; `-` is standard input. */
export const readLines = async function* (world: World, file: string): AsyncGenerator<string, void, undefined> {
  if (file === '-') {
    yield* (await world.input.readAll()).split('\n').filter((line) => line !== '')
    return
  }
  const input = createReadStream(pathOf(world, file), 'utf8')
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) if (line !== '') yield line
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'it cannot be read'
    throw new Stop(EXIT.failure, `cannot read ${file}: ${code === 'ENOENT' ? 'there is no such file' : code}`, {
      cause,
    })
  }
}
