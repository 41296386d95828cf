// Work that anyone may ask for at any time, and that must not run twice at once.
// What is run is the caller's; callers that bring something of their own come together in group.ts.
import { beyondTenants } from './tenant.ts'

/** One run at a time; callers during a run share the one that follows it, because theirs may have come too late. */
export const createSharedRun = (run: () => Promise<void>) => {
  let running: Promise<void> | undefined
  let following: Promise<void> | undefined
  const start = (): Promise<void> => {
    following = undefined
    running = beyondTenants(run).finally(() => {
      running = undefined
    })
    return running
  }
  return (): Promise<void> => {
    if (running === undefined) return start()
    following ??= running.then(start, start)
    return following
  }
}
