// Figures about the storage for whoever publishes metrics.
// Histograms and names of metrics are the server's business.

export interface StorageMeasures {
  /** Questions sent to the database and not yet answered. */
  readonly waiting: number
  readonly commits: number
  /** How long the last commit took, disk included. */
  readonly lastCommitMs: number
}

export interface Measures {
  sample(name: string, value: number): void
  read(waiting: number): StorageMeasures
}

export const createMeasures = (onSample: ((name: string, value: number) => void) | undefined): Measures => {
  let commits = 0
  let lastCommitMs = 0
  return {
    sample(name, value) {
      if (name === 'commit_ms') {
        commits++
        lastCommitMs = value
      }
      onSample?.(name, value)
    },
    read: (waiting) => ({ waiting, commits, lastCommitMs }),
  }
}
