// This computer's agent beside the server of `npm run up`: let in once, started, and followed until its packages show.
// It uses the public API and the agent's own file, as any operator would.
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createEnrollmentToken, listDevices } from '@muster/contract'
import { type Client, call, callText, createClient } from '@muster/http'
import { Secret } from '@muster/kernel'
import { root } from '../with-node.mjs'
import { agentFile } from './agent-file.ts'
import { expectValue } from './fleet.ts'
import { followDevice } from './follow.ts'
import { type Program, startProgram } from './program.ts'
import type { Server } from './server.ts'

export interface Terminal {
  readonly say: (text: string) => void
  readonly complain: (text: string) => void
  readonly keep: (program: Program) => void
  /** Whether everything is being stopped. */
  readonly isOver: () => boolean
}

interface Place {
  readonly folder: string
  readonly configFile: string
  readonly tokenFile: string
  readonly caFile: string
  readonly dataDir: string
  /** Which enrolment token this computer came with. */
  readonly memoryFile: string
}

const placeIn = (dataDir: string): Place => {
  const folder = join(dataDir, 'agent')
  return {
    folder,
    configFile: join(folder, 'agent.yaml'),
    tokenFile: join(folder, 'enrollment-token'),
    caFile: join(folder, 'ca.pem'),
    dataDir: join(folder, 'data'),
    memoryFile: join(folder, 'enrolled-with'),
  }
}

const privately = { mode: 0o600 }

interface Recalled {
  readonly tokenId: string
  /** It joined every plane that its agent is to speak. */
  readonly isWhole: boolean
}

/** The token an earlier start let this computer in with, if it is still in and its agent still has its key. */
const recall = async (client: Client, place: Place): Promise<Recalled | null> => {
  if (!existsSync(place.memoryFile) || !existsSync(place.dataDir)) return null
  const tokenId = (await readFile(place.memoryFile, 'utf8')).trim()
  const query = { enrollmentTokenId: tokenId, status: 'active' } as const
  const [device] = expectValue('look for this computer', await call(client, listDevices, { query })).items
  return device === undefined ? null : { tokenId, isWhole: device.planes.includes('telemetry') }
}

const giveToken = async (client: Client, place: Place): Promise<string> => {
  const body = { label: 'npm run up: this computer', maxUses: 1, expiresInSeconds: 3600 }
  const token = expectValue('make an enrolment token', await call(client, createEnrollmentToken, { body }))
  await writeFile(place.tokenFile, `${token.token}\n`, privately)
  return token.id
}

/** A computer that came in before telemetry was a plane gets another token for that. */
const letIn = async (client: Client, place: Place): Promise<string> => {
  const recalled = await recall(client, place)
  if (recalled !== null) {
    if (!recalled.isWhole && !existsSync(place.tokenFile)) await giveToken(client, place)
    return recalled.tokenId
  }
  const tokenId = await giveToken(client, place)
  await writeFile(place.memoryFile, `${tokenId}\n`, privately)
  return tokenId
}

const writeSettings = async (client: Client, place: Place, gatewayUrl: string): Promise<void> => {
  const authority = await callText(client, { method: 'GET', path: '/ca.pem' })
  if (authority.status !== 200) throw new Error(`read the device authority: status ${authority.status}`)
  await writeFile(place.caFile, authority.text, privately)
  const text = agentFile({ gatewayUrl, caFile: place.caFile, dataDir: place.dataDir, root, tokenFile: place.tokenFile })
  await writeFile(place.configFile, text, privately)
}

/** Lets this computer in unless it is, starts its agent, and says what becomes of it. */
export const startAgent = async (server: Server, terminal: Terminal): Promise<void> => {
  const token = new Secret((await readFile(join(server.dataDir, 'admin-token'), 'utf8')).trim())
  const client = createClient({ baseUrl: server.apiUrl, token })
  const place = placeIn(server.dataDir)
  await mkdir(place.folder, { recursive: true, mode: 0o700 })
  const tokenId = await letIn(client, place)
  await writeSettings(client, place, server.nearGatewayUrl)
  if (terminal.isOver()) return
  const args = ['run', '--config', place.configFile]
  const program = startProgram('muster-agent', 'apps/agent/src/main.ts', args, terminal.complain)
  terminal.keep(program)
  program.logTo(join(server.dataDir, 'agent.log'))
  void program.ended.then((code) => {
    if (!terminal.isOver()) terminal.complain(`muster-agent ended by itself with code ${code}; the server goes on`)
  })
  await followDevice(client, tokenId, { say: terminal.say, isOver: () => program.hasEnded() || terminal.isOver() })
  client.close()
}
