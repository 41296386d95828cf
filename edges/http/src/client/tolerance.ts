// Whether a reply is usable although it is not exactly what this program was built against.
// Servers may add keys within v1 and callers must bear it (fleet-product 12); anything else missing or odd is a fault.
import type { z } from 'zod'

type Issue = z.core.$ZodIssue

const isAddition = (issue: Issue): boolean =>
  issue.code === 'unrecognized_keys' ||
  (issue.code === 'invalid_union' && issue.errors.some((branch) => branch.length > 0 && branch.every(isAddition)))

/** True when nothing is wrong with `value`, or only that it says more than expected. */
export const tolerates = (schema: z.ZodType, value: unknown): boolean => {
  const parsed = schema.safeParse(value)
  return parsed.success || parsed.error.issues.every(isAddition)
}
