// The words that sections of the agent's file are made of: paths, bare names, switches.
// Which keys there are is schema.ts and the sections it is put together from.
import * as z from 'zod'

export const path = z.string().trim().min(1).max(1024)

export const directoryName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^/\\]+$/, 'must be a bare name without a slash')

export const on = z.boolean().default(true)
