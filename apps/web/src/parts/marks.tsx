// Words of the API as marks: a shape, a word and a colour that say the same three times.
// Which words there are is the contract's; a new one does not compile until it has its mark.
import type {
  AuditEntry,
  Coverage,
  DeviceStatus,
  Liveness,
  PolicyStatus,
  SearchVerdict,
  Severity,
  TokenStatus,
} from '@muster/contract'
import { Icon, type IconName } from './icon.tsx'

export type Tone = 'critical' | 'suspicious' | 'notable' | 'info' | 'good'

interface Look {
  readonly word: string
  readonly icon: IconName
  readonly tone: Tone
}

const look = (word: string, icon: IconName, tone: Tone): Look => ({ word, icon, tone })

export const severityLooks: Readonly<Record<Severity, Look>> = {
  critical: look('critical', 'critical', 'critical'),
  suspicious: look('suspicious', 'suspicious', 'suspicious'),
  notable: look('notable', 'notable', 'notable'),
  info: look('info', 'info', 'info'),
}

export const livenessLooks: Readonly<Record<Liveness, Look>> = {
  online: look('online', 'full', 'good'),
  idle: look('idle', 'half', 'notable'),
  offline: look('offline', 'ring', 'info'),
  dormant: look('dormant', 'dash', 'info'),
}

export const statusLooks: Readonly<Record<DeviceStatus, Look>> = {
  active: look('active', 'check', 'good'),
  revoked: look('revoked', 'cross', 'critical'),
  retired: look('retired', 'dash', 'info'),
  merged: look('merged', 'half', 'info'),
}

export const policyLooks: Readonly<Record<PolicyStatus, Look>> = {
  current: look('current', 'check', 'good'),
  pending: look('pending', 'half', 'notable'),
  refused: look('refused', 'cross', 'critical'),
  unknown: look('unknown', 'ring', 'info'),
  local: look('local', 'dash', 'info'),
}

export const coverageLooks: Readonly<Record<Coverage, Look>> = {
  complete: look('complete', 'full', 'good'),
  partial: look('partial', 'half', 'suspicious'),
  stale: look('stale', 'ring', 'info'),
  none: look('none', 'dash', 'info'),
}

export const tokenLooks: Readonly<Record<TokenStatus, Look>> = {
  active: look('active', 'check', 'good'),
  exhausted: look('used up', 'full', 'info'),
  expired: look('expired', 'ring', 'info'),
  revoked: look('revoked', 'cross', 'critical'),
}

export const verdictLooks: Readonly<Record<SearchVerdict, Look>> = {
  present: look('present', 'critical', 'critical'),
  present_unconfirmed: look('unconfirmed', 'half', 'suspicious'),
  past: look('past', 'ring', 'notable'),
  not_observed: look('not observed', 'check', 'good'),
  unknown: look('unknown', 'dash', 'info'),
}

export const outcomeLooks: Readonly<Record<AuditEntry['outcome'], Look>> = {
  success: look('success', 'check', 'good'),
  refused: look('refused', 'cross', 'suspicious'),
  failed: look('failed', 'critical', 'critical'),
}

export const Mark = ({ look: { word, icon, tone } }: { readonly look: Look }) => (
  <span className={`mark tone-${tone}`}>
    <Icon name={icon} size={12} />
    {word}
  </span>
)

export const Pill = ({ look: { word, icon, tone } }: { readonly look: Look }) => (
  <span className={`pill tone-${tone}`}>
    <Icon name={icon} size={12} />
    {word}
  </span>
)
