// Looks at everything this agent needs to work, one question at a time, and changes nothing.
// How the answers are shown is commands/doctor.ts.
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import type { AgentConfiguration } from '../configuration/configuration.ts'
import { clientAccess } from '../configuration/server-access.ts'
import { isFolderInUse } from '../folder/data-folder.ts'
import { deviceKeyFile, loadOrMakeKey } from '../folder/device-key.ts'
import { type Database, openForReading } from '../lanes/observe/database/open.ts'
import { readEnrollment } from '../lanes/observe/enroll/enrollment.ts'
import { laneDatabase } from '../lanes/observe/lane-database.ts'
import { readNote } from '../lanes/observe/notes.ts'
import { readTelemetryState } from '../lanes/telemetry/state.ts'
import { PlainFault, reasonOf } from '../plain-fault.ts'

export interface Answer {
  readonly question: string
  readonly verdict: 'good' | 'note' | 'bad'
  readonly said: string
}

type Question = {
  readonly question: string
  readonly ask: () => Promise<Omit<Answer, 'question'>> | Omit<Answer, 'question'>
}

const good = (said: string) => ({ verdict: 'good', said }) as const
const note = (said: string) => ({ verdict: 'note', said }) as const
const bad = (said: string) => ({ verdict: 'bad', said }) as const

const isPrivate = (path: string): boolean => process.platform === 'win32' || (statSync(path).mode & 0o077) === 0

const dataFolder = ({ dataDir }: AgentConfiguration) => {
  if (!existsSync(dataDir)) return note(`${dataDir} is not there yet; the first start makes it`)
  accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
  if (!isPrivate(dataDir)) return bad(`${dataDir} can be read by others; run: chmod 700 ${dataDir}`)
  return good(`${dataDir}, ${isFolderInUse(dataDir) ? 'in use by a running agent' : 'free'}`)
}

const deviceKey = ({ dataDir }: AgentConfiguration) => {
  const path = deviceKeyFile(dataDir)
  if (!existsSync(path)) return note('there is none yet; enrolment makes it')
  loadOrMakeKey(dataDir)
  return isPrivate(path) ? good(path) : bad(`${path} can be read by others; run: chmod 600 ${path}`)
}

const withDatabase = <T>(dataDir: string, look: (db: Database) => T): T | null => {
  const db = openForReading(laneDatabase(dataDir))
  if (db === null) return null
  try {
    return look(db)
  } finally {
    db.close()
  }
}

const database = ({ dataDir }: AgentConfiguration) => {
  const said = withDatabase(dataDir, (db) => String(db.prepare('pragma quick_check(1)').get()?.['quick_check']))
  if (said === null) return note('there is none yet; the first start makes it')
  return said === 'ok' ? good('whole') : bad(`damaged (${said}); the next start replaces it and scans everything anew`)
}

const dayMs = 24 * 60 * 60_000

const enrolment = ({ dataDir, server, namedDevice, enrollmentToken }: AgentConfiguration) => {
  const held = readEnrollment(dataDir)
  if (held === null && server !== null && namedDevice !== null && enrollmentToken === null)
    return note(`${namedDevice.deviceId}, as the configuration says, to a server in its development mode`)
  if (held === null)
    return server === null
      ? note('no server is configured')
      : note('not enrolled; put an enrollmentToken into the configuration')
  if (server !== null && held.server !== server) return bad(`enrolled with ${held.server}; run: muster-agent reset`)
  const leftMs = Date.parse(held.certificateExpiresAt) - Date.now()
  if (leftMs <= 0) return bad('the certificate has expired; run: muster-agent reset, then enrol again')
  const days = Math.floor(leftMs / dayMs)
  return (days < 30 ? note : good)(`${held.deviceId}, certificate for ${days} more days`)
}

const answerMs = 10_000

/** No sentence of a device: that would change what the server knows of it. */
const reach = async ({ server, access }: AgentConfiguration) => {
  if (server === null) return note('no server is configured; scanning without reporting')
  const { createClient } = await import('@muster/http/client')
  const client = createClient({ baseUrl: server, timeoutMs: answerMs, ...clientAccess(access) })
  try {
    const reply = await client.send({ method: 'GET', path: '/' })
    reply.destroy()
    return good(`${server} answers with a certificate that is trusted`)
  } catch (fault) {
    return bad(reasonOf(fault))
  } finally {
    client.close()
  }
}

const lastTalk = ({ dataDir, server }: AgentConfiguration) => {
  const fault = withDatabase(dataDir, (db) => readNote(db, 'sync.last_fault'))
  if (server === null) return note('no server is configured')
  return fault === null ? good('nothing to complain of') : bad(fault)
}

/** A lane that stopped for good does not begin again by itself. */
const telemetry = ({ dataDir, server, planes }: AgentConfiguration) => {
  if (!planes.includes('telemetry')) return note('not among planes')
  const state = readTelemetryState(dataDir)
  if (state.rejected !== null)
    return bad(
      `the server rejects this device (${state.rejected.code}); let in again: muster-agent run --clear-rejected`,
    )
  if (state.agentId === null) return note('not enrolled; put an enrollmentToken into the configuration')
  if (server !== null && state.server !== server) return bad(`enrolled with ${state.server}; run: muster-agent reset`)
  if (state.lastFault !== null) return bad(state.lastFault)
  return good(
    `${state.agentId}, ${state.lastHeartbeatAt === null ? 'no heartbeat yet' : `last heartbeat ${state.lastHeartbeatAt}`}`,
  )
}

const projectRoots = ({ observe }: AgentConfiguration) => {
  const present = observe.watch.projectRoots.filter((root) => existsSync(root))
  return present.length === 0
    ? note(`none of ${observe.watch.projectRoots.join(', ')} is there; name yours as observe.watch.projectRoots`)
    : good(present.join(', '))
}

const watchLimit = '/proc/sys/fs/inotify/max_user_watches'
const fewWatches = 16_384

const fileEvents = () => {
  if (!existsSync(watchLimit)) return good('the system watches whole trees')
  const most = Number(readFileSync(watchLimit, 'utf8'))
  return most < fewWatches
    ? note(`this system allows ${most} watches for all programs; with more: sysctl fs.inotify.max_user_watches=65536`)
    : good(`this system allows ${most} watches`)
}

const questions = (configuration: AgentConfiguration, fault: PlainFault | null): readonly Question[] => [
  {
    question: 'configuration',
    ask: () =>
      fault !== null
        ? bad(`${fault.message}; the last good one is in force`)
        : (configuration.warnings.length > 0 ? note : good)(
            [configuration.file ?? 'no file; everything has its default', ...configuration.warnings].join('; '),
          ),
  },
  { question: 'data folder', ask: () => dataFolder(configuration) },
  { question: 'device key', ask: () => deviceKey(configuration) },
  { question: 'database', ask: () => database(configuration) },
  { question: 'enrolment', ask: () => enrolment(configuration) },
  { question: 'server', ask: () => reach(configuration) },
  { question: 'last talk', ask: () => lastTalk(configuration) },
  { question: 'telemetry', ask: () => telemetry(configuration) },
  { question: 'project roots', ask: () => projectRoots(configuration) },
  { question: 'file events', ask: fileEvents },
]

/** Every question has an answer: what cannot be looked at is itself what is wrong. */
export const examine = async (
  configuration: AgentConfiguration,
  fault: PlainFault | null,
): Promise<readonly Answer[]> => {
  const answers: Answer[] = []
  for (const { question, ask } of questions(configuration, fault)) {
    try {
      answers.push({ question, ...(await ask()) })
    } catch (cause) {
      answers.push({ question, ...bad(cause instanceof PlainFault ? cause.message : reasonOf(cause)) })
    }
  }
  return answers
}
