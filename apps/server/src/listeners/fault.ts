// Why a listener could not be opened, in words for whoever chose the address.
// Opening listeners is the http edge's.
import { deepCodeOf, PlainFault } from '../plain-fault.ts'
import type { Listen } from '../settings/reading.ts'

const reasons: Record<string, string> = {
  EADDRINUSE: 'the port is in use; stop the other program or choose another port',
  EACCES: 'this account may not use the port; choose one above 1023',
  EADDRNOTAVAIL: 'this machine has no such address; choose one it has',
  ENOTFOUND: 'there is no such host; choose an address of this machine',
}

export const listenFault = (flag: string, { host, port }: Listen, fault: unknown): unknown => {
  const reason = reasons[deepCodeOf(fault) ?? '']
  return reason === undefined ? fault : new PlainFault(`${flag} ${host}:${port}: ${reason}`, 1, { cause: fault })
}
