// Windows asked for its facts (telemetry 18.2): Node where it knows them, otherwise programs of the system, by absolute path.
// What they print is windows-texts.ts.
import { availableParallelism, freemem, hostname, release, totalmem, uptime } from 'node:os'
import { win32 } from 'node:path'
import { addressedInterfaces } from './addresses.ts'
import { measureDisks } from './disk-sizes.ts'
import type { Disk, FactReaders } from './facts.ts'
import { processorTimes } from './processors.ts'
import { runTool } from './run-tool.ts'
import { fixedDrivesIn, osVersionIn, processCountIn } from './windows-texts.ts'

/** A program in the system's own folder, wherever that is. */
export const systemProgram = (...path: readonly string[]): string =>
  win32.join(process.env['SystemRoot'] ?? String.raw`C:\Windows`, 'System32', ...path)

export const queryRegistry = (key: string, signal: AbortSignal): Promise<string> =>
  runTool(systemProgram('reg.exe'), ['query', key], signal)

/** It changes by a restart only, and this process does not outlive one. */
let version: string | null = null

const readVersion = async (signal: AbortSignal): Promise<string> => {
  version ??= osVersionIn(
    await queryRegistry(String.raw`HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion`, signal),
    release(),
  )
  return version
}

const readDisks = async (signal: AbortSignal): Promise<readonly Disk[]> =>
  measureDisks(fixedDrivesIn(await queryRegistry(String.raw`HKLM\SYSTEM\MountedDevices`, signal)))

export const readers: FactReaders = {
  hostname,
  osVersion: readVersion,
  uptimeSeconds: () => Math.floor(uptime()),
  cpuCount: availableParallelism,
  processorTimes,
  // Here it is what programs could have, not only what lies bare.
  memory: () => ({ totalBytes: totalmem(), usedBytes: totalmem() - freemem() }),
  disks: readDisks,
  networkInterfaces: addressedInterfaces,
  processCount: async (signal) =>
    processCountIn(await runTool(systemProgram('tasklist.exe'), ['/FO', 'CSV', '/NH'], signal)),
}
