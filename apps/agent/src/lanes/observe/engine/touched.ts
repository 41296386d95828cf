// What changed since a surface was last asked for, as far as anybody said: the next scan then looks at that alone.
// What a change is, watch/decide.ts knows; what a scan makes of it is the collectors' business.
import { mergeTouched, type Touched } from '../watch/decide.ts'

export interface TouchedFiles {
  note(surface: string, touched: Touched): void
  /** Everything noted so far, and forgets it: what is noted from now on is for the scan after. */
  take(surface: string): Touched
}

export const createTouchedFiles = (): TouchedFiles => {
  const noted = new Map<string, Touched>()
  return {
    note(surface, touched) {
      const before = noted.get(surface)
      noted.set(surface, before === undefined ? touched : mergeTouched(before, touched))
    },
    take(surface) {
      const touched = noted.get(surface) ?? null
      noted.delete(surface)
      return touched
    },
  }
}
