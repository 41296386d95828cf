// Times as replies spell them, where a moment may not have come.
// Moments that must be there are the kernel's `toIso`.
import { toIso } from '@muster/kernel'

export const isoOrNull = (atMs: number | null): string | null => (atMs === null ? null : toIso(atMs))
