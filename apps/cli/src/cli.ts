// The door of the CLI, for tests that run the whole program in process.
// People start it by main.ts.
export { run } from './run.ts'
export type { OutStream, World } from './world.ts'
