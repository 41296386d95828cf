// What a listener says when it declines or fails: code, sentence and request id (fleet-product 12, sensor-protocol 18.5).
// Which codes there are is refusals.ts.
import * as z from 'zod'

export const ErrorBody = z.strictObject({
  error: z.strictObject({
    code: z.string(),
    message: z.string(),
    requestId: z.string(),
    fields: z
      .array(
        z.strictObject({
          path: z.string(),
          code: z.string(),
          message: z.string(),
          line: z.int().optional(),
          column: z.int().optional(),
        }),
      )
      .optional(),
  }),
})
export type ErrorBody = z.infer<typeof ErrorBody>
