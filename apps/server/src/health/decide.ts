// Whether this process can do its work, and if not, why. Pure: what was seen in, a verdict out.
// Looking is health.ts; telling it to callers is raw/.

export interface Seen {
  readonly isStopping: boolean
  /** Listeners this process should have, and whether they are open. */
  readonly listeners: Readonly<Record<string, boolean>>
  /** Null when the last write reached the disk, otherwise what it said. */
  readonly databaseFault: string | null
}

export interface Readiness {
  readonly ready: boolean
  readonly reasons: readonly string[]
}

export const decideReadiness = ({ isStopping, listeners, databaseFault }: Seen): Readiness => {
  const reasons = [
    ...(isStopping ? ['the server is stopping'] : []),
    ...Object.entries(listeners)
      .filter(([, isOpen]) => !isOpen)
      .map(([name]) => `the ${name} listener is not open`),
    ...(databaseFault === null ? [] : [`the database takes no writes: ${databaseFault}`]),
  ]
  return { ready: reasons.length === 0, reasons }
}
