// Rules of the authority: how long certificates live, which authority does what, when a server certificate is due.
// No key and no clock here.
import { ok, type Result, refuse } from '@muster/kernel'
import type { AuthorityState } from '../tables.ts'
import type { Validity } from './certificate.ts'

const dayMs = 86_400_000
/** Sensors' clocks are off; a certificate from "the future" would be refused by them and by other gateways. */
export const backdatedMs = 5 * 60_000

export interface AuthorityView {
  readonly id: string
  readonly state: AuthorityState
  readonly expiresMs: number
  readonly canIssue: boolean
}

/** Whole seconds, as a certificate can say them; never beyond the end of the issuer. */
export const planValidity = (nowMs: number, days: number, issuerExpiresMs = Number.POSITIVE_INFINITY): Validity => {
  const toSecond = (ms: number): number => Math.floor(ms / 1000) * 1000
  return {
    notBeforeMs: toSecond(nowMs - backdatedMs),
    notAfterMs: toSecond(Math.min(nowMs + days * dayMs, issuerExpiresMs)),
  }
}

/** Whose leaves are accepted, the current one first. */
export const trustedOf = <A extends AuthorityView>(authorities: readonly A[], nowMs: number): readonly A[] =>
  authorities
    .filter(({ state, expiresMs }) => state !== 'retired' && expiresMs > nowMs)
    .toSorted((left, right) => Number(right.state === 'current') - Number(left.state === 'current'))

/**
 * Who signs the gateway's certificate: during an overlap the authority clients have known longest, so that they can be
 * given the new one before they meet it. `authorities` are in the order they were made.
 */
export const serverIssuerOf = <A extends AuthorityView>(authorities: readonly A[], nowMs: number): A | undefined =>
  authorities.find(
    ({ state, expiresMs, canIssue }) => state !== 'retired' && canIssue && expiresMs > nowMs + 30 * dayMs,
  ) ?? authorities.find(({ state, canIssue }) => state === 'current' && canIssue)

/** Leaves issued from now on end with their issuer, so it is replaced before that shortens them. */
export const isRotationDue = (current: AuthorityView, deviceCertificateDays: number, nowMs: number): boolean =>
  current.expiresMs - nowMs < deviceCertificateDays * dayMs

export interface ServerCertificateView {
  readonly issuerId: string
  readonly hosts: readonly string[]
  readonly expiresMs: number
}

/** 397 days is what browsers and Apple's trust store take without complaint; a month before the end it is replaced. */
export const serverCertificateDays = 397
const renewBeforeMs = 30 * dayMs

export const isServerCertificateDue = (
  held: ServerCertificateView | undefined,
  wanted: { issuerId: string; hosts: readonly string[] },
  nowMs: number,
): boolean =>
  held === undefined ||
  held.issuerId !== wanted.issuerId ||
  held.expiresMs - nowMs < renewBeforeMs ||
  held.hosts.toSorted().join() !== wanted.hosts.toSorted().join()

export const decideRetire = (
  authority: AuthorityView | undefined,
): Result<AuthorityView, 'not_found' | 'state_conflict'> => {
  if (authority === undefined) return refuse('not_found')
  if (authority.state === 'current')
    return refuse('state_conflict', 'The current authority is retired by rotating first.')
  if (authority.state === 'retired') return refuse('state_conflict', 'The authority is retired already.')
  return ok({ ...authority, state: 'retired' })
}
