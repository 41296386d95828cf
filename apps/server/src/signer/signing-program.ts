// A program that signs: started for each signature, given the bytes, and asked for a DER signature over their SHA-256.
// What key it uses, and how it keeps it, is its own business.
import { execFile } from 'node:child_process'
import type { Sign } from '@muster/identity'

export interface SigningProgram {
  /** An executable file; it gets no arguments, and no shell reads its name. */
  readonly program: string
  readonly timeoutMs: number
}

/** Programs that run at the same time; a burst of enrolments waits here instead of filling the machine. */
const maxRunning = 4
/** A signature has 72 bytes at most. */
const maxAnswerBytes = 4096
const maxComplaint = 200

/** Our own secrets come by environment and are not for others. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MUSTER_')))

const complaintOf = (stderr: Buffer): string => {
  const [line = ''] = stderr.toString('utf8').trim().split('\n')
  return line === '' ? '' : `: ${line.slice(0, maxComplaint)}`
}

interface Ended extends Error {
  readonly code?: string | number | null
  readonly killed?: boolean
}

const reasonOf = ({ code, killed, message }: Ended, stderr: Buffer, timeoutMs: number): string => {
  if (code === 'ENOENT') return 'cannot be started: there is no such file'
  if (code === 'EACCES') return 'cannot be started: this account may not execute it'
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'answered more than a signature'
  if (killed === true) return `did not answer within ${timeoutMs / 1000} seconds`
  return typeof code === 'number' ? `ended with code ${code}${complaintOf(stderr)}` : `failed: ${message}`
}

const start = ({ program, timeoutMs }: SigningProgram, bytes: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const failed = (why: string): void => reject(new Error(`the signing program ${program} ${why}`))
    const options = {
      encoding: 'buffer',
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: maxAnswerBytes,
      env: environment(),
      windowsHide: true,
    } as const
    const child = execFile(program, [], options, (ended, stdout, stderr) => {
      if (ended !== null) failed(reasonOf(ended, stderr, timeoutMs))
      else if (stdout.length === 0) failed('answered nothing')
      else resolve(stdout)
    })
    // A program that ends without reading what it is to sign is judged by what it answered.
    child.stdin?.on('error', () => {})
    child.stdin?.end(bytes)
  })

/** Rejects with what the program did, or did not do. */
export const createSigningProgram = (signing: SigningProgram): Sign => {
  const waiting: (() => void)[] = []
  let running = 0
  return async (bytes) => {
    if (running >= maxRunning) await new Promise<void>((resolve) => waiting.push(resolve))
    else running += 1
    try {
      return await start(signing, bytes)
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
