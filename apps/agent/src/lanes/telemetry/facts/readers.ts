// Which readers this operating system has; only its own are loaded.
// What they read is linux.ts, macos.ts and windows.ts.
import type { FactReaders, OsFamily } from './facts.ts'

const loads: Record<OsFamily, () => Promise<{ readonly readers: FactReaders }>> = {
  linux: () => import('./linux.ts'),
  macos: () => import('./macos.ts'),
  windows: () => import('./windows.ts'),
}

export const loadReaders = async (osFamily: OsFamily): Promise<FactReaders> => (await loads[osFamily]()).readers
