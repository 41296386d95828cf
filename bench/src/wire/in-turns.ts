// Many small jobs, some at a time.
// What a job is, is the caller's business.

/** Calls `work` with every number below `count`, `atOnce` at a time; rejects with the first that fails. */
export const inTurns = async (count: number, atOnce: number, work: (no: number) => Promise<void>): Promise<void> => {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let no = next++; no < count; no = next++) await work(no)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker))
}
