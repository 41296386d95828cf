// The ceilings: programs that do one thing of what the server does, and nothing else, on the same core.
// Each is a file beside this one; what they are compared with is the cases' business.
import { serverFlags } from '@muster/server/node-flags'
import { startProgram } from '../harness/processes.ts'
import { type Target, targetOf } from '../harness/server.ts'
import type { HandlerOrder } from './handler.ts'
import type { HandshakesOrder } from './handshakes.ts'
import type { InsertsOrder, InsertsResult } from './inserts.ts'

const startListener = async (file: string, order: HandlerOrder | HandshakesOrder): Promise<Target> => {
  const program = startProgram({ file: `bench/src/bare/${file}.ts`, nodeArgs: serverFlags, core: 'measured' })
  const { port } = (await program.ask(order)) as { port: number }
  return targetOf(program, port)
}

export const startHandler = (order: HandlerOrder): Promise<Target> => startListener('handler', order)

export const startHandshakes = (order: HandshakesOrder): Promise<Target> => startListener('handshakes', order)

export const runInserts = async (order: InsertsOrder): Promise<InsertsResult> => {
  const program = startProgram({ file: 'bench/src/bare/inserts.ts', core: 'measured' })
  const result = (await program.ask(order)) as InsertsResult
  await program.stop()
  return result
}
