// What a backup holds, so that a restore can tell a whole one from a damaged one.
// Copying is backup.ts and restore.ts.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { z } from 'zod'

export const manifestName = 'muster-backup.json'

export const Manifest = z.strictObject({
  program: z.literal('muster-server'),
  version: z.string(),
  createdAt: z.string(),
  /** `postgres`: the database is not in the backup. */
  database: z.enum(['sqlite', 'postgres']),
  files: z.array(
    z.strictObject({
      /** Relative, with slashes. */
      path: z.string().regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$)).+$/),
      bytes: z.int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
})
export type Manifest = z.infer<typeof Manifest>

export const digestFile = async (path: string): Promise<string> => {
  const hash = createHash('sha256')
  for await (const part of createReadStream(path)) hash.update(part as Buffer)
  return hash.digest('hex')
}
