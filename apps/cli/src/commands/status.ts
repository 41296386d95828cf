// `muster status`: how the product itself is doing, for this tenant.
// Whether this terminal can use it is doctor.ts.
import { fleetRoutes, LIVENESSES, type ReplyOf, SEVERITIES } from '@muster/contract'
import type { Command } from 'commander'
import type { Acting, Session } from '../session.ts'
import type { Printer } from '../show/print.ts'

const { readStatus } = fleetRoutes

type Status = ReplyOf<typeof readStatus>

const sizeText = (bytes: number | null): string => {
  if (bytes === null) return ''
  const steps = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  const step = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), steps.length - 1)
  return `${step === 0 ? bytes : (bytes / 1024 ** step).toFixed(1)} ${steps[step]}`
}

const countsText = (words: readonly string[], counts: Readonly<Record<string, number>>): string =>
  words
    .filter((word) => (counts[word] ?? 0) > 0)
    .map((word) => `${counts[word]} ${word}`)
    .join(', ')

const showStatus = (print: Printer, status: Status): Promise<void> => {
  const { devices, events, policies, authority, database } = status
  const severities = SEVERITIES.toReversed()
  return print.facts([
    ['version', status.version],
    ['running since', print.moment(status.startedAt)],
    ['database', `${database.engine}${database.bytes === null ? '' : `, ${sizeText(database.bytes)}`}`],
    ['disk free', sizeText(status.diskFreeBytes)],
    ['devices', `${devices.total}${devices.total === 0 ? '' : ` (${countsText(LIVENESSES, devices.byLiveness)})`}`],
    ['revoked', devices.revoked === 0 ? '' : devices.revoked],
    ['gone dark', devices.goneDark === 0 ? '' : { text: String(devices.goneDark), tone: 'bad' }],
    ['refusing policy', devices.refusingPolicy === 0 ? '' : { text: String(devices.refusingPolicy), tone: 'bad' }],
    [
      'events',
      `${events.isExact ? '' : 'at least '}${events.stored}, last received ${print.moment(events.lastReceivedAt) || 'never'}`,
    ],
    ['dead letters', events.deadLetters === 0 ? '' : { text: String(events.deadLetters), tone: 'warn' }],
    ['open findings', countsText(severities, status.openFindings) || 'none'],
    ['default policy', policies.defaultGeneration ?? 'none'],
    ['authority', `${authority.current}, until ${print.moment(authority.expiresAt)}`],
    [
      'also trusted',
      authority.trusted
        .filter(({ id }) => id !== authority.current)
        .map(({ id }) => id)
        .join(', '),
    ],
    ['certificates expiring soon', status.certificatesExpiringSoon === 0 ? '' : status.certificatesExpiringSoon],
    ['agent tokens ending soon', status.agentTokensEndingSoon === 0 ? '' : status.agentTokensEndingSoon],
  ])
}

const show = async ({ talk, print }: Session): Promise<void> => {
  const status = await talk.get(readStatus, {})
  await (print.isJson ? print.json(status) : showStatus(print, status))
}

export const addStatusCommand = (muster: Command, { online }: Acting): void => {
  muster.command('status').description('how the server is doing, at a glance').action(online(show))
}
