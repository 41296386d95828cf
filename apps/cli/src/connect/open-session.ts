// A session: the desk together with the server it was told to use.
// Nothing is sent before a command says something.
import { createPatientClient } from '../patience/patience.ts'
import type { Desk, Session } from '../session.ts'
import { noteConnection, openClient, readConnection } from './connect.ts'
import { createTalk } from './talk.ts'

export const openSession = async (desk: Desk): Promise<Session> => {
  const connection = await readConnection(desk)
  await noteConnection(desk, connection)
  const client = createPatientClient(await openClient(connection, desk.flags.timeout), desk)
  return { ...desk, connection, talk: createTalk(client) }
}
