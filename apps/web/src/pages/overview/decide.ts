// What on the overview needs somebody, worst first, and the shares a bar shows; pure.
// The figures are the API's; how they look is page.tsx.
import type { Severity } from '@muster/contract'
import type { AnswerTo } from '../../wire/ask.ts'

type Status = AnswerTo<'readStatus'>

export interface Attention {
  readonly severity: Severity
  readonly text: string
  /** Where one sees which they are. */
  readonly to: string
}

const many = (count: number, one: string, more = `${one}s`): string =>
  `${count.toLocaleString()} ${count === 1 ? one : more}`

const dayMs = 86_400_000
const authoritySoonMs = 90 * dayMs
const littleDiskBytes = 2 * 1024 ** 3

const ofDevices = ({
  devices,
  certificatesExpiringSoon,
  agentTokensEndingSoon,
}: Status): readonly (Attention | null)[] => [
  devices.goneDark > 0
    ? {
        severity: 'suspicious',
        text: `${many(devices.goneDark, 'device')} fell silent after being heard every day`,
        to: '/devices?goneDark=true',
      }
    : null,
  devices.refusingPolicy > 0
    ? {
        severity: 'suspicious',
        text: `${many(devices.refusingPolicy, 'device')} ${devices.refusingPolicy === 1 ? 'does' : 'do'} not take the policy`,
        to: '/devices?policyStatus=refused',
      }
    : null,
  certificatesExpiringSoon > 0
    ? {
        severity: 'notable',
        text: `${many(certificatesExpiringSoon, 'device certificate')} ${certificatesExpiringSoon === 1 ? 'ends' : 'end'} within 60 days`,
        to: '/devices',
      }
    : null,
  agentTokensEndingSoon > 0
    ? {
        severity: 'notable',
        text: `${many(agentTokensEndingSoon, 'agent')} will fall silent: ${agentTokensEndingSoon === 1 ? 'its token ends' : 'their tokens end'} within 14 days`,
        to: '/devices',
      }
    : null,
]

const ofServer = ({ events, authority, diskFreeBytes }: Status, nowMs: number): readonly (Attention | null)[] => [
  diskFreeBytes !== null && diskFreeBytes < littleDiskBytes
    ? { severity: 'critical', text: 'The disk of the server is almost full', to: '/' }
    : null,
  Date.parse(authority.expiresAt) - nowMs < authoritySoonMs
    ? { severity: 'critical', text: 'The device authority ends within 90 days; rotate it', to: '/' }
    : null,
  events.deadLetters > 0
    ? { severity: 'notable', text: `${many(events.deadLetters, 'event')} could not be read and lie aside`, to: '/' }
    : null,
]

export const attentionsOf = (status: Status, nowMs: number): readonly Attention[] => {
  const { critical, suspicious } = status.openFindings
  const worst: readonly (Attention | null)[] = [
    critical > 0
      ? {
          severity: 'critical',
          text: many(critical, 'critical finding is', 'critical findings are') + ' open',
          to: '/findings?severity=critical',
        }
      : null,
    suspicious > 0
      ? {
          severity: 'suspicious',
          text: many(suspicious, 'suspicious finding is', 'suspicious findings are') + ' open',
          to: '/findings?severity=suspicious',
        }
      : null,
  ]
  const order: readonly Severity[] = ['critical', 'suspicious', 'notable', 'info']
  return [...worst, ...ofDevices(status), ...ofServer(status, nowMs)]
    .filter((one) => one !== null)
    .toSorted((left, right) => order.indexOf(left.severity) - order.indexOf(right.severity))
}
