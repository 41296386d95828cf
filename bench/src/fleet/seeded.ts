// A data folder with a large fleet that has been there for weeks, for whatever is asked by people who look at it.
// How it comes to be is the browser tests' own program; devices that speak are fleet.ts.
import { startProgram } from '../harness/processes.ts'

/** Ids of things to be looked at. */
export interface Shown {
  readonly device: string
  readonly finding: string
  readonly policy: string
}

export const seedFleet = async (dataDir: string, devices: number): Promise<Shown> => {
  const program = startProgram({ file: 'tests/browser/seed.ts', core: 'load' })
  const shown = (await program.ask({ dataDir, devices })) as Shown
  await program.stop()
  return shown
}
