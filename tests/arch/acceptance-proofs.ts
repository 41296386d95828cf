// How a line of an acceptance list names its proofs, and where the agent's tests lie.
// The lines of agents are agent-sees.ts and agent-does.ts, checking them is acceptance.ts.

/** Test files, each with the titles of the tests in it that prove a line. */
export type Proofs = Readonly<Record<string, readonly string[]>>

export interface AcceptanceArea {
  readonly area: string
  readonly lines: Readonly<Record<string, Proofs>>
}

export const agent = (path: string): string => `apps/agent/src/${path}.test.ts`
export const observe = (path: string): string => agent(`lanes/observe/${path}`)
export const collect = (path: string): string => observe(`collect/${path}`)
