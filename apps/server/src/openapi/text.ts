// The OpenAPI document as text, the same bytes wherever it is shown.
// What it says is openapi.ts.
import { programVersion } from '../version.ts'
import { openApiDocument } from './openapi.ts'

/** Where it is checked in, from the root of the checkout. */
export const openApiFile = 'docs/api/openapi.json'

export const openApiText = (): string => `${JSON.stringify(openApiDocument(programVersion), null, 2)}\n`
