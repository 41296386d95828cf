// The ceilings: programs that do one thing of what the server does, and nothing else, on the same core.
// Each is a file beside this one; what they are compared with is the cases' business.
import { serverFlags } from '@muster/server/node-flags'
import { startProgram } from '../harness/processes.ts'
import { type Target, targetOf } from '../harness/server.ts'
import { cpuSeconds } from '../harness/usage.ts'
import type { HandlerOrder } from './handler.ts'
import type { HandshakesOrder } from './handshakes.ts'
import type { InsertsOrder, InsertsResult, InsertsTurn } from './inserts.ts'

const startListener = async (file: string, order: HandlerOrder | HandshakesOrder): Promise<Target> => {
  const program = startProgram({ file: `bench/src/bare/${file}.ts`, nodeArgs: serverFlags, core: 'measured' })
  const { port } = (await program.ask(order)) as { port: number }
  return targetOf(program, port)
}

export const startHandler = (order: HandlerOrder): Promise<Target> => startListener('handler', order)

export const startHandshakes = (order: HandshakesOrder): Promise<Target> => startListener('handshakes', order)

export interface Inserts extends Pick<Target, 'cpuSeconds' | 'stop'> {
  /** Inserts for that long; returns how many rows. */
  insert(seconds: number): Promise<number>
}

export const startInserts = async (order: InsertsOrder): Promise<Inserts> => {
  const program = startProgram({ file: 'bench/src/bare/inserts.ts', core: 'measured' })
  await program.ask(order)
  return {
    cpuSeconds: () => cpuSeconds(program.pid),
    stop: () => program.stop(),
    async insert(seconds) {
      const turn: InsertsTurn = { seconds }
      return ((await program.ask(turn)) as InsertsResult).rows
    },
  }
}
