// What an address says about the settings, and what is typed there as what the API is asked, or what is wrong with it; pure.
// Bounds of retention come with the answer; those of a token and of liveness are the contract's.
import type {
  BodyOf,
  Capability,
  changeRetention,
  createOperatorToken,
  LivenessThresholds,
  OperatorToken,
  RetainedKind,
  RetentionTerm,
  Role,
} from '@muster/contract'
import type { CsvTable } from '@muster/contract/csv'
import { oneOf, type Words, withoutUnsaid } from '../../parts/decide-words.ts'
import type { JudgedWish } from '../../parts/new-token.tsx'
import { scopesFor } from './decide-roles.ts'

export const tabs = ['tokens', 'roles', 'groups', 'retention', 'holds', 'liveness', 'wire'] as const
export type Tab = (typeof tabs)[number]

export const tabWords: Readonly<Record<Tab, string>> = {
  tokens: 'Operator tokens',
  roles: 'Roles',
  groups: 'Groups',
  retention: 'Retention',
  holds: 'Legal holds',
  liveness: 'Liveness',
  wire: 'What crosses the wire',
}

/** What one has to be allowed to see each. */
const needs: Readonly<Record<Tab, Capability>> = {
  tokens: 'operator-tokens:own',
  roles: 'operator-tokens:own',
  groups: 'groups:write',
  retention: 'settings:read',
  holds: 'settings:read',
  liveness: 'settings:read',
  wire: 'fleet:read',
}

export interface SettingsView {
  readonly tab?: Tab
}

export const readSettingsView = (words: Words): SettingsView =>
  withoutUnsaid<SettingsView>({ tab: oneOf(words['tab'], tabs) })

export const tabsFor = (may: (capability: Capability) => boolean): readonly Tab[] =>
  tabs.filter((tab) => may(needs[tab]))

export interface TokenWish {
  readonly name: string
  readonly role: Role
  readonly lifeSeconds: string
  /** Names; none for the whole tenant. */
  readonly groups: readonly string[]
  /** None for whatever the role may do. */
  readonly scopes: readonly Capability[]
  /** In CIDR notation, parted by commas or spaces; empty for everywhere. */
  readonly networks: string
}

export const firstTokenWish: TokenWish = {
  name: '',
  role: 'viewer',
  lifeSeconds: '7776000',
  groups: [],
  scopes: [],
  networks: '',
}

export const tokenLives: readonly (readonly [seconds: string, word: string])[] = [
  ['86400', '24 hours'],
  ['604800', '7 days'],
  ['2592000', '30 days'],
  ['7776000', '90 days'],
  ['31536000', 'a year'],
]

export const roleWords: Readonly<Record<Role, string>> = {
  viewer: 'viewer: sees devices, findings and policies',
  auditor: 'auditor: and the audit history',
  analyst: 'analyst: searches, tags, drafts policies',
  admin: 'admin: enrols, revokes, publishes, hands out tokens',
  owner: 'owner: everything, settings too',
}

const network = /^[0-9a-f.:]+\/\d{1,3}$/i

export type TokenFaults = Partial<Readonly<Record<keyof TokenWish, string>>>
export type JudgedToken = JudgedWish<BodyOf<typeof createOperatorToken>, TokenFaults>

export const judgeToken = (wish: TokenWish): JudgedToken => {
  const networks = wish.networks.split(/[,\s]+/).filter((one) => one !== '')
  // What another role may do, chosen before the role was, is no wish any more.
  const scopes = wish.scopes.filter((scope) => scopesFor(wish.role).includes(scope))
  const odd = networks.find((one) => !network.test(one))
  const faults: TokenFaults = {
    ...(wish.name.trim() === '' && { name: 'Say who or what it is for.' }),
    ...(odd !== undefined && { networks: `${odd} is no network; write it like 192.0.2.0/24.` }),
  }
  if (Object.keys(faults).length > 0) return { ok: false, faults }
  return {
    ok: true,
    body: {
      name: wish.name.trim(),
      role: wish.role,
      expiresInSeconds: Number(wish.lifeSeconds),
      ...(wish.groups.length > 0 && { groups: [...wish.groups] }),
      ...(scopes.length > 0 && { scopes }),
      ...(networks.length > 0 && { networks }),
    },
  }
}

export const kindWords: Readonly<Record<RetainedKind, readonly [name: string, says: string]>> = {
  events: ['Raw events', 'what agents sent, byte by byte'],
  deadLetters: ['Unreadable events', 'what could not be read and lies aside'],
  intervals: ['Presence', 'what was where from when to when, after it ended; what searches look through'],
  findings: ['Findings', 'after they were resolved'],
  audit: ['Audit', 'who did what'],
}

type Days = BodyOf<typeof changeRetention>['days']

export type JudgedDays =
  | { readonly ok: true; readonly days: Days; readonly isChanged: boolean }
  | { readonly ok: false; readonly faults: Partial<Readonly<Record<RetainedKind, string>>> }

const faultOfDays = (text: string, { minDays, maxDays }: RetentionTerm): string | null =>
  /^\d{1,5}$/.test(text.trim()) && Number(text) >= minDays && Number(text) <= maxDays
    ? null
    : `A whole number from ${minDays} to ${maxDays.toLocaleString()}.`

/** Only what differs from what is, or is about to be, in force. */
export const judgeDays = (
  terms: readonly RetentionTerm[],
  typed: Partial<Readonly<Record<RetainedKind, string>>>,
): JudgedDays => {
  const said = terms.flatMap((term) => {
    const text = typed[term.kind]
    return text === undefined || Number(text) === (term.pending?.days ?? term.days) ? [] : [{ term, text }]
  })
  const faults = said.flatMap(({ term, text }) => {
    const fault = faultOfDays(text, term)
    return fault === null ? [] : [[term.kind, fault] as const]
  })
  if (faults.length > 0) return { ok: false, faults: Object.fromEntries(faults) }
  const days = Object.fromEntries(said.map(({ term, text }) => [term.kind, Number(text)]))
  return { ok: true, days, isChanged: said.length > 0 }
}

const daySeconds = 86_400

const thresholdBounds: Readonly<Record<keyof LivenessThresholds, readonly [least: number, most: number]>> = {
  onlineSeconds: [30, daySeconds],
  idleSeconds: [60, 7 * daySeconds],
  offlineSeconds: [300, 365 * daySeconds],
}

export type TypedLiveness = Readonly<Record<keyof LivenessThresholds, string>>
export type JudgedLiveness =
  | { readonly ok: true; readonly liveness: LivenessThresholds }
  | { readonly ok: false; readonly faults: Partial<TypedLiveness> }

const within = (text: string, [least, most]: readonly [number, number]): boolean =>
  /^\d{1,8}$/.test(text.trim()) && Number(text) >= least && Number(text) <= most

export const judgeLiveness = (typed: TypedLiveness): JudgedLiveness => {
  const keys = ['onlineSeconds', 'idleSeconds', 'offlineSeconds'] as const
  const odd = keys.filter((key) => !within(typed[key], thresholdBounds[key]))
  const [online, idle, offline] = keys.map((key) => Number(typed[key])) as [number, number, number]
  const faults: Partial<Record<keyof LivenessThresholds, string>> = Object.fromEntries(
    odd.map((key) => [
      key,
      `From ${thresholdBounds[key].map((bound) => bound.toLocaleString()).join(' to ')} seconds.`,
    ]),
  )
  if (odd.length === 0 && idle <= online) faults.idleSeconds = 'Longer than online.'
  if (odd.length === 0 && offline <= idle) faults.offlineSeconds = 'Longer than idle.'
  if (Object.keys(faults).length > 0) return { ok: false, faults }
  return { ok: true, liveness: { onlineSeconds: online, idleSeconds: idle, offlineSeconds: offline } }
}

export const TOKENS_CSV: CsvTable<OperatorToken> = {
  columns: [
    'id',
    'name',
    'role',
    'status',
    'scopes',
    'groups',
    'networks',
    'createdBy',
    'createdAt',
    'expiresAt',
    'lastUsedAt',
  ],
  rowsOf: (token) => [
    [
      token.id,
      token.name,
      token.role,
      token.status,
      token.scopes?.join(' ') ?? null,
      token.groups?.join(', ') ?? null,
      token.networks?.join(' ') ?? null,
      token.createdBy,
      token.createdAt,
      token.expiresAt,
      token.lastUsedAt,
    ],
  ],
}
