// The door of the server for scripts and tests of the whole house: start one, and what is generated from its contract.
// The program itself is main.ts.
export { asyncApiFile, asyncApiText } from './asyncapi/text.ts'
export { openApiFile, openApiText } from './openapi/text.ts'
export { schemasFile, schemasText } from './schemas/text.ts'
