// What is wrong with a configuration file, one line for each fault: where it stands and what to do.
// Finding the faults is for those who judge the file.
import type { z } from 'zod'
import type { ConfigDocument } from './document.ts'

export const faultLines = (path: string, { placeOf }: ConfigDocument, issues: readonly z.core.$ZodIssue[]): string =>
  issues
    .map((issue) => {
      const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
      const at = unknownKey === undefined ? issue.path : [...issue.path, unknownKey]
      const { line, column } = placeOf(at)
      const said = unknownKey === undefined ? issue.message : 'this agent knows no such key'
      return `${path}:${line}:${column}: ${at.join('.') || 'the file'}: ${said}`
    })
    .join('\n')
