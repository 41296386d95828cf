// What every handler of the fleet API needs to say about its speaker and its preconditions.
// Whether the speaker may be here at all was asked by the listener, with the route's own capability.
import type { BodyOf, Route } from '@muster/contract'
import type { Said } from '@muster/http'
import { type By, byOperator, type KnownOperator } from '@muster/identity'
import { ok, type Result, refuse } from '@muster/kernel'

export type OperatorSaid<R extends Route> = Said<R, KnownOperator, BodyOf<R>>

type Speech = Pick<Said<Route, KnownOperator>, 'speaker' | 'ip' | 'requestId'>

/** On whose behalf a change is recorded. */
export const by = (said: Speech): By => byOperator(said.speaker, said.ip, said.requestId)

/** The version that `If-Match` names; one that no object can have is stale, whatever it says. */
export const versionOf = (said: { readonly ifMatch?: string }): Result<number, 'version_stale'> =>
  /^\d{1,15}$/.test(said.ifMatch ?? '')
    ? ok(Number(said.ifMatch))
    : refuse('version_stale', 'If-Match must name the version that was read, such as "3".')
