// Looks at everything a server needs on this machine, changing nothing: folder, disk, database, certificates, ports.
// What is enough is decide.ts.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { lookAtWall } from '@muster/storage'
import { findDatabaseFault } from '../backup/check-database.ts'
import { databaseFile, type FolderState, inspectFolder, isOpenToOthers } from '../folder/data-folder.ts'
import { takeFolderLock } from '../folder/lock.ts'
import { readRunning } from '../folder/running.ts'
import { codeOf, PlainFault } from '../plain-fault.ts'
import type { DbChoice, Listen } from '../settings/reading.ts'
import type { ServerSettings } from '../settings/settings.ts'
import { measureDiskFree } from '../status/measure.ts'
import { judgeClock, judgeExpiry, judgeNode, judgeSpace, judgeWall } from './decide.ts'
import { type DoctorFinding, fail, warn, well } from './finding.ts'

const nearestExisting = (path: string): string => (existsSync(path) ? path : nearestExisting(dirname(path)))

const isWritable = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK | constants.R_OK)
    return true
  } catch {
    return false // that is the answer
  }
}

const examineFolder = (dataDir: string, state: FolderState): DoctorFinding => {
  const matter = 'data folder'
  if (!isWritable(nearestExisting(dataDir))) {
    return fail(matter, `${dataDir} cannot be written`, 'run as the account that owns it, or name another --data-dir')
  }
  if (state !== 'ours') return well(matter, `${dataDir} will be made at the first start`)
  if (isOpenToOthers(dataDir)) {
    return warn(matter, `${dataDir} can be read by other accounts`, `chmod 700 ${dataDir}`)
  }
  return well(matter, dataDir)
}

const newestFileMs = (dataDir: string): number =>
  existsSync(dataDir)
    ? Math.max(
        0,
        ...readdirSync(dataDir).map((name) => statSync(join(dataDir, name), { throwIfNoEntry: false })?.mtimeMs ?? 0),
      )
    : 0

/** Whether somebody listens there who lets us in; nothing is sent. */
const isReachable = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 3000 })
    const answer = (reachable: boolean) => () => {
      socket.destroy()
      resolve(reachable)
    }
    socket.once('connect', answer(true)).once('error', answer(false)).once('timeout', answer(false))
  })

const examineDatabase = async (db: DbChoice, dataDir: string): Promise<DoctorFinding> => {
  if (db.engine === 'postgres') {
    const url = new URL(db.url.reveal())
    return (await isReachable(url.hostname, Number(url.port || 5432)))
      ? well('database', `${db.shown} can be reached`)
      : fail('database', `${db.shown} does not answer`, 'start PostgreSQL, or correct --db')
  }
  const file = databaseFile(dataDir)
  if (!existsSync(file)) return well('database', 'will be made at the first start')
  const damage = findDatabaseFault(file, 'quick')
  return damage === null
    ? well('database', `${file} is whole`)
    : fail('database', `${file}: ${damage}`, 'stop the server and restore the last backup')
}

/** Whether PostgreSQL hides the rows of every other tenant from an operator's requests; SQLite cannot. */
const examineWall = async (db: DbChoice): Promise<DoctorFinding[]> => {
  if (db.engine !== 'postgres') return []
  const matter = 'tenants'
  try {
    return [judgeWall(await lookAtWall(db.url.reveal()))]
  } catch (fault) {
    const cause = fault instanceof Error ? (codeOf(fault.cause) ?? codeOf(fault)) : undefined
    return [fail(matter, `${db.shown} lets nobody in${cause === undefined ? '' : ` (${cause})`}`, 'correct --db')]
  }
}

const tryListen = ({ host, port }: Listen): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', (fault) => resolve(codeOf(fault) ?? fault.message))
    server.listen({ host, port }, () => server.close(() => resolve(undefined)))
  })

const examinePort = async (matter: string, flag: string, listen: Listen): Promise<DoctorFinding> => {
  const shown = `${listen.host}:${listen.port}`
  const fault = await tryListen(listen)
  if (fault === undefined) return well(matter, `${shown} is free`)
  if (fault === 'EADDRINUSE') return fail(matter, `${shown} is in use`, `stop what uses it, or choose another ${flag}`)
  if (fault === 'EACCES') return fail(matter, `${shown} is not allowed`, `choose a ${flag} port above 1023`)
  return fail(matter, `${shown}: ${fault}`, `choose another ${flag}`)
}

const examineCertificate = (matter: string, certFile: string, keyFile: string, nowMs: number): DoctorFinding => {
  try {
    const certificate = new X509Certificate(readFileSync(certFile))
    const fix = `put a new certificate at ${certFile}; a running gateway takes it up by itself`
    if (!certificate.checkPrivateKey(createPrivateKey(readFileSync(keyFile)))) {
      return fail(matter, `${keyFile} is not the key of ${certFile}`, 'name a certificate and its own key')
    }
    return judgeExpiry(matter, certificate.validToDate.getTime(), nowMs, fix)
  } catch (fault) {
    const says = fault instanceof Error ? fault.message : String(fault)
    return fail(matter, says, 'name readable PEM files')
  }
}

const isRunning = (dataDir: string): boolean => {
  try {
    takeFolderLock(dataDir).release()
    return false
  } catch (fault) {
    if (fault instanceof PlainFault) return true
    throw fault
  }
}

const examineAuthority = async (dataDir: string, nowMs: number): Promise<DoctorFinding> => {
  const running = readRunning(dataDir)
  const fix = 'rotate the authority in good time: devices must have certificates of the new one before this one ends'
  try {
    const reply = await fetch(`${running?.api.url}/ca.pem`, { signal: AbortSignal.timeout(3000) })
    return judgeExpiry('fleet CA', new X509Certificate(await reply.text()).validToDate.getTime(), nowMs, fix)
  } catch {
    return warn('fleet CA', 'the running server did not show it', 'look whether --api answers on this machine')
  }
}

/** The database, and once it answers, what it keeps apart. */
const examineStore = async (db: DbChoice, dataDir: string): Promise<readonly DoctorFinding[]> => {
  const database = await examineDatabase(db, dataDir)
  return database.standing === 'ok' ? [database, ...(await examineWall(db))] : [database]
}

/** One finding per matter; what depends on whether a server runs is looked at in the way that fits. */
export const examine = async (server: ServerSettings, nowMs: number): Promise<readonly DoctorFinding[]> => {
  const { dataDir, db, gateway, api, gatewayCert, gatewayKey, apiCert, apiKey } = server.settings
  const state = inspectFolder(dataDir)
  const running = state === 'ours' && isRunning(dataDir)
  const findings = [
    judgeNode(process.versions.node),
    judgeClock(nowMs, newestFileMs(dataDir)),
    examineFolder(dataDir, state),
    judgeSpace(await measureDiskFree(nearestExisting(dataDir))),
    ...(await examineStore(db, dataDir)),
  ]
  if (gatewayCert !== undefined && gatewayKey !== undefined) {
    findings.push(examineCertificate('gateway certificate', gatewayCert, gatewayKey, nowMs))
  }
  if (apiCert !== undefined && apiKey !== undefined) {
    findings.push(examineCertificate('API certificate', apiCert, apiKey, nowMs))
  }
  if (running) return [...findings, well('server', 'runs'), await examineAuthority(dataDir, nowMs)]
  return [
    ...findings,
    well('server', 'does not run'),
    await examinePort('gateway port', '--gateway', gateway),
    await examinePort('API port', '--api', api),
  ]
}
