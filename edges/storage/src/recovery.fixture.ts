// A program that stores until its disk refuses, says so, and tries again when it is told to.
// Who limits the disk, and what is expected of the answers, is in recovery.test.ts.
import { once } from 'node:events'
import { isStoreBusy } from './faults.ts'
import { openStorage } from './open.ts'
import { createThing, insertThings, thingRoom } from './thing.fixture.ts'

const storage = await openStorage({ url: process.argv[2] ?? '', rooms: [thingRoom] })
const put = (name: string): Promise<number> =>
  storage.write((tx) => insertThings(tx, [createThing(name, { body: new Uint8Array(20_000) })]))
const held = async (): Promise<readonly string[]> =>
  (await storage.db.selectFrom('thing').select('event_id').orderBy('thing_no').execute()).map((row) => row['event_id'])

const stored: string[] = []
let fault: unknown
while (fault === undefined && stored.length < 1000) {
  try {
    await put(`filling ${stored.length}`)
    stored.push(`filling ${stored.length}`)
  } catch (error) {
    fault = error
  }
}
console.log(JSON.stringify({ busy: isStoreBusy(fault), stored, held: await held() }))
await once(process.stdin, 'data')
await put('well again')
console.log(JSON.stringify({ held: await held() }))
process.stdin.destroy()
await storage.close()
