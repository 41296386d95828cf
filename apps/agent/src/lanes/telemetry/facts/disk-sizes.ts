// How large disks of this machine are, and how full, by the system call that macOS and Windows answer at once.
// Which disks there are is each system's; Linux, where a mount may never answer, measures its own.
import { statfs } from 'node:fs/promises'
import type { Disk } from './facts.ts'

/** A disk that was taken out meanwhile, or is locked, must not cost the others. */
export const measureDisks = async (mounts: readonly string[]): Promise<readonly Disk[]> => {
  const disks: Disk[] = []
  for (const mount of mounts) {
    try {
      const { bsize, blocks, bfree } = await statfs(mount)
      disks.push({ mount, total_bytes: bsize * blocks, used_bytes: bsize * (blocks - bfree) })
    } catch {
      // It is left out.
    }
  }
  return disks
}
