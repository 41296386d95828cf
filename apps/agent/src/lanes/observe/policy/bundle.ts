// A configuration bundle as a server sends it: read like a local file, refused as a whole for one wrong type.
// What of it takes effect here is decide.ts (sensor-agent 3.6, sensor-protocol 14).
import { DEFAULT_EXCLUDED_DIRECTORIES, DEFAULT_PROJECT_ROOTS } from '@muster/contract'
import { ok, type Result, refuse } from '@muster/kernel'
import { z } from 'zod'
import { DEFAULT_SYNC, withoutNulls } from '../../../configuration/schema.ts'

/** What is left out means the built-in default and not "keep the local value"; numbers are clamped later, not refused. */
const Watch = z.looseObject({
  pollIntervalSeconds: z.int().default(300),
  maxScanWallClockSeconds: z.int().default(30),
  maxFreshScanAgeSeconds: z.int().default(900),
  projectRoots: z.array(z.string()).default([...DEFAULT_PROJECT_ROOTS]),
  maxDepth: z.int().default(5),
  excludeDirectories: z.array(z.string()).default([...DEFAULT_EXCLUDED_DIRECTORIES]),
})

const Sync = z.looseObject({
  maxBatchBytes: z.int().default(DEFAULT_SYNC.maxBatchBytes),
  maxBatchEvents: z.int().default(DEFAULT_SYNC.maxBatchEvents),
})

const Bundle = z.looseObject({
  watch: Watch.prefault({}),
  sync: Sync.prefault({}),
  rules: z.array(z.looseObject({ id: z.string(), surface: z.string() })).optional(),
})
export type Bundle = z.infer<typeof Bundle>

export const readBundle = (text: string): Result<Bundle, 'bundle_refused'> => {
  let said: unknown
  try {
    said = JSON.parse(text)
  } catch {
    return refuse('bundle_refused', 'The bundle is not JSON.')
  }
  const judged = Bundle.safeParse(withoutNulls(said))
  if (judged.success) return ok(judged.data)
  const [issue] = judged.error.issues
  return refuse('bundle_refused', `The bundle is wrong at ${issue?.path.join('.') || 'its top'}: ${issue?.message}`)
}
