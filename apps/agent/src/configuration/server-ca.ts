// The authorities that the owner trusts to vouch for the server, read anew for every connection, so that a renewed file
// counts from the next one on. What is said over the connection is the lanes'.
import { readFileSync } from 'node:fs'
import { PlainFault, reasonOf } from '../plain-fault.ts'

export const readServerCa = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new PlainFault(`serverCA ${path}: cannot be read: ${reasonOf(cause)}`, 2, { cause })
  }
}
