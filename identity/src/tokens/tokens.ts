// Enrolment tokens as operators handle them: make, list, read, revoke (fleet-product 4).
// Spending one is enroll/.
import type {
  BodyOf,
  createEnrollmentToken,
  EnrollmentToken,
  listEnrollmentTokens,
  QueryOf,
  ReplyOf,
  revokeEnrollmentToken,
} from '@muster/contract'
import type { Result } from '@muster/kernel'
import type { By } from '../speakers.ts'

export interface EnrollmentTokens {
  create(
    by: By,
    tenantId: string,
    body: BodyOf<typeof createEnrollmentToken>,
  ): Promise<Result<ReplyOf<typeof createEnrollmentToken>, 'not_found'>>
  list(
    tenantId: string,
    query: QueryOf<typeof listEnrollmentTokens>,
  ): Promise<Result<ReplyOf<typeof listEnrollmentTokens>, 'request_malformed'>>
  read(tenantId: string, tokenId: string): Promise<Result<EnrollmentToken, 'not_found'>>
  revoke(by: By, tenantId: string, tokenId: string): Promise<Result<ReplyOf<typeof revokeEnrollmentToken>, 'not_found'>>
}
