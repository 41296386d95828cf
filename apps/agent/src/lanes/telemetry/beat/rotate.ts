// The next certificate: in the last third of the present one's life, and once the device has another key (telemetry 5.1).
// When it is due is decide.ts; a failure is tried again in an hour, and heartbeats go on whatever happens here.
import type { Log } from '@muster/kernel'
import { loadOrMakeKey } from '../../../folder/device-key.ts'
import { type HeldCertificate, readCertificate, writeCertificate } from '../identity.ts'
import { makeCsr } from '../join/csr.ts'
import { certificateIn, newNonce } from '../join/exchange.ts'
import type { Answer, Platform, Speaker } from '../platform.ts'
import type { Time } from '../time.ts'
import { rotationDueMs } from './decide.ts'

export interface RotationNeeds {
  readonly dataDir: string
  readonly time: Time
  readonly log: Log
}

const retryMs = 60 * 60_000

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const keepRotated = ({ dataDir }: RotationNeeds, answer: Answer & { isHeard: true }): boolean => {
  const { certificate_pem: leaf, certificate_chain_pem: chain } = answer.body
  const pem = certificateIn(
    { certificate_pem: textOf(leaf), certificate_chain_pem: textOf(chain) },
    loadOrMakeKey(dataDir),
  )
  if (pem !== null) writeCertificate(dataDir, pem)
  return pem !== null
}

export const createRotation = (needs: RotationNeeds) => {
  const { dataDir, time, log } = needs
  let drawn: { readonly pem: string; readonly jitter: number } | null = null
  let notBeforeMs = 0

  const isDue = (held: HeldCertificate): boolean => {
    if (drawn?.pem !== held.pem) drawn = { pem: held.pem, jitter: time.random() }
    const isOfOtherKey = !held.leaf.checkPrivateKey(loadOrMakeKey(dataDir).privateKey)
    const isLate = time.nowMs() >= rotationDueMs({ ...held, jitter: drawn.jitter })
    return (isOfOtherKey || isLate) && time.monotonicMs() >= notBeforeMs
  }

  const rotate = async (platform: Platform, speaker: Speaker): Promise<boolean> => {
    const csr = makeCsr(loadOrMakeKey(dataDir).privateKey)
    const answer = await platform.rotateCertificate(speaker, { csr_pem: csr, nonce: newNonce() })
    const isGood = answer.isHeard && answer.status >= 200 && answer.status < 300
    if (isGood && keepRotated(needs, answer)) return true
    log.warn('certificate not rotated', { 'error.code': answer.code ?? 'answer_unusable' })
    return false
  }

  return {
    /** True when there is a new certificate on the disk, to be shown from the next connection on; throws nothing. */
    async rotateIfDue(platform: Platform, speaker: Speaker): Promise<boolean> {
      try {
        const held = readCertificate(dataDir)
        if (held === null || !isDue(held)) return false
        notBeforeMs = time.monotonicMs() + retryMs
        if (!(await rotate(platform, speaker))) return false
        notBeforeMs = 0
        log.info('certificate rotated')
        return true
      } catch {
        // What lies underneath may quote what the server sent.
        log.warn('certificate not rotated', { 'error.code': 'answer_unusable' })
        return false
      }
    },
  }
}

export type Rotation = ReturnType<typeof createRotation>
