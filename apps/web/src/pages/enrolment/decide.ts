// What is typed about a new token becomes what the API is asked, or the reason why not; and what an agent is given; pure.
// Limits are the contract's; what the token then opens is the server's.
import type { BodyOf, createEnrollmentToken, Plane } from '@muster/contract'
import type { JudgedWish } from '../../parts/new-token.tsx'
import { planes } from '../../wire/routes.built.ts'

export interface Wish {
  readonly label: string
  readonly maxUses: string
  readonly lifeSeconds: string
  readonly tags: string
  readonly planes: readonly Plane[]
  /** Names of groups. */
  readonly groups: readonly string[]
  readonly allowReenroll: boolean
}

export const lives: readonly (readonly [seconds: string, word: string])[] = [
  ['3600', '1 hour'],
  ['86400', '24 hours'],
  ['604800', '7 days'],
  ['2592000', '30 days'],
  ['7776000', '90 days'],
]

export const firstWish: Wish = {
  label: '',
  maxUses: '1',
  lifeSeconds: '86400',
  tags: '',
  planes,
  groups: [],
  allowReenroll: false,
}

export type Faults = Partial<Readonly<Record<keyof Wish, string>>>
export type Judged = JudgedWish<BodyOf<typeof createEnrollmentToken>, Faults>

const tagForm = /^[A-Za-z0-9][A-Za-z0-9._/-]*(?:=[A-Za-z0-9._/ -]*)?$/

export const tagsOf = (text: string): readonly string[] => text.split(/[,\s]+/).filter((tag) => tag !== '')

const faultsOf = ({ label, maxUses, tags, planes: chosen }: Wish): Faults => {
  const odd = tagsOf(tags).find((tag) => !tagForm.test(tag))
  return {
    ...(label.trim() === '' && { label: 'Say whom or what it is for.' }),
    ...(!/^[1-9]\d{0,4}$/.test(maxUses.trim()) || Number(maxUses) > 10_000
      ? { maxUses: 'A whole number from 1 to 10,000.' }
      : {}),
    ...(odd !== undefined && { tags: `${odd} is no tag; write key or key=value.` }),
    ...(chosen.length === 0 && { planes: 'At least one of them.' }),
  }
}

export const judgeWish = (wish: Wish): Judged => {
  const faults = faultsOf(wish)
  if (Object.keys(faults).length > 0) return { ok: false, faults }
  const tags = tagsOf(wish.tags)
  return {
    ok: true,
    body: {
      label: wish.label.trim(),
      maxUses: Number(wish.maxUses),
      expiresInSeconds: Number(wish.lifeSeconds),
      ...(tags.length > 0 && { tags: [...tags] }),
      ...(wish.planes.length < planes.length && { planes: [...wish.planes] }),
      ...(wish.groups.length > 0 && { groups: [...wish.groups] }),
      ...(wish.allowReenroll && { allowReenroll: true }),
    },
  }
}

/** How a machine knows that the gateway is the right one. */
export type Trust = 'fleet' | 'public'

const caLine = /^# serverCA: (\S+).*$/m

/** The file as the API wrote it, with the fleet's own authority named when that is whom the machine has to trust. */
export const agentFileFor = (agentFile: string, trust: Trust): string =>
  trust === 'fleet' ? agentFile.replace(caLine, 'serverCA: $1') : agentFile

/** For a shell: leaves the file, and the authority, where the agent looks for them, readable by their owner alone. */
export const installLine = (agentFile: string, trust: Trust, origin: string): string => {
  const settings = agentFileFor(agentFile, trust)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const words = settings.map((line) => `'${line.replaceAll("'", `'\\''`)}'`).join(' ')
  const steps = [
    'umask 077',
    'd="${XDG_CONFIG_HOME:-$HOME/.config}/muster"',
    'mkdir -p "$d"',
    ...(trust === 'fleet' ? [`curl -fsS '${origin}/ca.pem' -o "$d/ca.pem"`] : []),
    `printf '%s\\n' ${words} > "$d/agent.yaml"`,
  ]
  return steps.join(' && ')
}
