// The same action on several things: each is tried, each failure is told, and the exit code says how it went overall.
// One thing alone fails like any other command.
import type { Printer } from '../show/print.ts'
import { EXIT, type ExitCode, Stop } from '../stop.ts'

export interface Outcome<Item> {
  readonly done: readonly Item[]
  readonly exitCode: ExitCode
}

/** All failed: the exit code of the first failure. Some failed: 8. */
export const eachOf = async <Item>(
  print: Printer,
  texts: readonly string[],
  act: (text: string) => Promise<Item>,
): Promise<Outcome<Item>> => {
  const done: Item[] = []
  const failures: Stop[] = []
  for (const text of texts) {
    try {
      done.push(await act(text))
    } catch (fault) {
      if (!(fault instanceof Stop) || texts.length === 1) throw fault
      failures.push(fault)
      await print.note(`${text}: ${fault.message}`, 'bad')
    }
  }
  const [first] = failures
  if (first === undefined) return { done, exitCode: EXIT.ok }
  return { done, exitCode: done.length === 0 ? first.exitCode : EXIT.partial }
}
