// Enrolments, each over a connection of its own, beside bare handshakes over connections of their own.
// The server checks the token, signs a certificate, and writes device and audit entry, before it answers.
import { startHandshakes } from '../bare/bare.ts'
import { readCredentials } from '../bare/listener-options.ts'
import { enroll, inventApplicant, issueToken } from '../fleet/fleet.ts'
import { type Measured, pace, ratesOf } from '../harness/measure.ts'
import type { Row } from '../report/row.ts'
import type { Address } from '../wire/connection.ts'
import { makePapers, openSocket, type Papers } from '../wire/connection.ts'
import type { Ground } from './ground.ts'

const requestsAtOnce = 48
/** More than any server here takes, so that applicants never run out. */
const mostPerSecond = 1500
const usesPerToken = 10_000

const inventApplicants = async (count: number, issue: () => Promise<string>): Promise<readonly Buffer[]> => {
  const requests: Buffer[] = []
  let token = ''
  for (let no = 0; no < count; no++) {
    if (no % usesPerToken === 0) token = await issue()
    requests.push(inventApplicant(token, no).request)
  }
  return requests
}

const enrollAll = async (ground: Ground): Promise<{ measured: Measured; dataDir: string; ca: string }> => {
  const { server, finish } = await ground.open(0)
  const { seconds, warmUpSeconds } = ground.scale
  ground.tell('making keys')
  const requests = await inventApplicants(mostPerSecond * (seconds + warmUpSeconds), () => issueToken(server))
  const stranger = makePapers(server.ca)
  ground.tell('enrolling')
  const measured = await pace(server, requestsAtOnce, ground.scale, async (no) => {
    const request = requests[no]
    if (request === undefined) return false
    await enroll(server, stranger, request)
    return true
  })
  await finish(measured.window)
  return { measured, dataDir: server.dataDir, ca: server.ca }
}

/** Resolves when the server's byte is here. */
export const shakeHands = async (address: Address, papers: Papers): Promise<void> => {
  const socket = await openSocket(address, papers)
  await new Promise<void>((resolve, reject) => {
    socket.once('data', () => resolve())
    socket.once('close', () => reject(new Error('the server closed the connection after the handshake')))
    socket.once('error', reject)
  })
  socket.destroy()
}

export const runEnroll = async (ground: Ground): Promise<readonly Row[]> => {
  const { measured, dataDir, ca } = await enrollAll(ground)
  const target = await startHandshakes({ credentials: readCredentials(dataDir, ca) })
  const stranger = makePapers(ca)
  const bare = await pace(target, requestsAtOnce, ground.scale, async () => {
    await shakeHands(target, stranger)
    return true
  })
  await target.stop()
  const [mine, most] = [ratesOf(measured.requests, measured), ratesOf(bare.requests, bare)]
  return [
    {
      case: 'enroll',
      what: 'enrolment, certificate and audit included',
      unit: '/s',
      measured: mine.perCpuSecond,
      onTheClock: mine.perSecond,
      ceiling: { what: 'bare handshakes', value: most.perCpuSecond, onTheClock: most.perSecond },
      bars: [{ of: 'measured', atLeast: 300 }],
      notes: [`${requestsAtOnce} at once, p99 ${measured.p99Ms.toFixed(0)} ms`],
    },
  ]
}
