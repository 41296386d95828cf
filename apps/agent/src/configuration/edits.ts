// Notices that the owner edited a configuration file, and whether that changed anything (sensor-agent 3.5).
// What follows from an edit is decided by whoever listens.
import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { AgentConfiguration } from './configuration.ts'

/** What is secret does not show in a comparison. */
const secretsOf = ({ access: { proxy, sensorToken } }: AgentConfiguration): string =>
  JSON.stringify([proxy?.url.reveal(), sensorToken?.reveal()])

const latencyMs = 300

/**
 * Whether the agent must begin anew. A token that is gone has served; a token that is there is another attempt, so it
 * counts.
 */
export const isOtherConfiguration = (now: AgentConfiguration, next: AgentConfiguration): boolean => {
  const { enrollmentToken: had, warnings: _had, ...before } = now
  const { enrollmentToken: has, warnings: _has, ...after } = next
  const isNewToken = has !== null && has.reveal() !== had?.reveal()
  const isOtherWay = secretsOf(now) !== secretsOf(next)
  return isNewToken || isOtherWay || !isDeepStrictEqual(before, after)
}

export interface Edits {
  close(): void
}

/** Calls once for each burst of changes to one of the files; a folder that cannot be watched only costs convenience. */
export const watchEdits = (files: readonly string[], onEdit: () => void, onBlind: (folder: string) => void): Edits => {
  const watches: FSWatcher[] = []
  let timer: NodeJS.Timeout | undefined
  const later = (): void => {
    clearTimeout(timer)
    timer = setTimeout(onEdit, latencyMs)
  }
  for (const [folder, inside] of Map.groupBy(files, dirname)) {
    const names = new Set(inside.map((file) => basename(file)))
    try {
      // The folder and not the file: editors put a new file in its place.
      const opened = watch(folder, { persistent: false }, (_type, name) => {
        if (name === null || names.has(name)) later()
      })
      opened.on('error', () => onBlind(folder))
      watches.push(opened)
    } catch {
      onBlind(folder)
    }
  }
  return {
    close() {
      clearTimeout(timer)
      for (const opened of watches) opened.close()
    },
  }
}
