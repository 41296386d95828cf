// How a machine comes in: an enrolment token and a public key are traded for a device id and a certificate.
// The rules are in decide.ts, the SQL in store.ts; requests waiting together share one transaction.
import type { BodyOf, enroll as enrollRoute, ReplyOf } from '@muster/contract'
import type { Result } from '@muster/kernel'

export interface EnrollCall {
  readonly body: BodyOf<typeof enrollRoute>
  readonly ip: string
  readonly requestId: string
}

export type Enroll = (
  call: EnrollCall,
) => Promise<Result<ReplyOf<typeof enrollRoute>, 'enrollment_refused' | 'public_key_unacceptable'>>
