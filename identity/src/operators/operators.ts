// Operators: who a bearer credential belongs to, and the named tokens they hold (fleet-product 3, ARCHITECTURE 3).
// What a role may do is the contract's; asking per route is the API listener's.
import type { BodyOf, createOperatorToken, listOperatorTokens, OperatorToken, QueryOf, ReplyOf } from '@muster/contract'
import type { Result } from '@muster/kernel'
import type { By, KnownOperator } from '../speakers.ts'

export interface Operators {
  /** `authorization` is the header as it came; calls are cheap enough for every request. */
  identify(
    authorization: string | undefined,
    ip: string,
  ): Promise<Result<KnownOperator, 'credential_missing' | 'credential_invalid'>>
  createToken(
    by: By,
    operator: KnownOperator,
    body: BodyOf<typeof createOperatorToken>,
  ): Promise<Result<ReplyOf<typeof createOperatorToken>, 'role_above_own' | 'name_taken'>>
  listTokens(
    operator: KnownOperator,
    query: QueryOf<typeof listOperatorTokens>,
  ): Promise<Result<ReplyOf<typeof listOperatorTokens>, 'request_malformed'>>
  revokeToken(by: By, operator: KnownOperator, tokenId: string): Promise<Result<OperatorToken, 'not_found'>>
}
