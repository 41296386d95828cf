// The AsyncAPI document as text, the same bytes wherever it is shown.
// What it says is asyncapi.ts.
import { programVersion } from '../version.ts'
import { asyncApiDocument } from './asyncapi.ts'

/** Where it is checked in, from the root of the checkout. */
export const asyncApiFile = 'docs/api/asyncapi.json'

export const asyncApiText = (): string => `${JSON.stringify(asyncApiDocument(programVersion), null, 2)}\n`
