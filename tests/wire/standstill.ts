// How long one turn of this thread's event loop took at most, in processor time: on a busy machine the clock also counts
// what others did meanwhile. What is too long, the test says.

export interface Standstill {
  /** The longest turn so far, in milliseconds of processor time; ends the watch. */
  stop(): number
}

const lookEveryMs = 5

/** A look cannot come before the turn is over, so what was used since the look before is that turn and little more. */
export const watchStandstill = (): Standstill => {
  let longest = 0
  let before = process.threadCpuUsage()
  const look = (): void => {
    const { user, system } = process.threadCpuUsage(before)
    before = process.threadCpuUsage()
    longest = Math.max(longest, (user + system) / 1000)
  }
  const timer = setInterval(look, lookEveryMs)
  return {
    stop() {
      clearInterval(timer)
      look()
      return longest
    },
  }
}
