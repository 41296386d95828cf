// The key this device is enrolled with, also after a change of keys was cut off between its two files.
// Changing the key is renew.ts; making and keeping keys is folder/device-key.ts.
import { adoptNextKey, type DeviceKey, loadNextKey, loadOrMakeKey } from '../../../folder/device-key.ts'
import { readEnrollment } from './enrollment.ts'

export const settledKey = (dataDir: string): DeviceKey => {
  const next = loadNextKey(dataDir)
  if (next !== null && readEnrollment(dataDir)?.publicKeySha256 === next.publicKeySha256) adoptNextKey(dataDir)
  return loadOrMakeKey(dataDir)
}
