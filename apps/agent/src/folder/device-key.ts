// The device's own P-256 key: made once, kept for its owner's eyes only, and never deleted by a re-enrolment.
// What is signed or presented with it is the transport's business.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { Secret } from '@muster/kernel'
import { PlainFault } from '../plain-fault.ts'
import { makePrivate, moveOver, readIfThere, writeWhole } from './private-file.ts'

export interface DeviceKey {
  readonly privatePem: Secret
  /** PEM lines of 64 columns without a newline at the end (sensor-protocol 3.2). */
  readonly publicPem: string
  readonly publicKeySha256: string
  readonly privateKey: KeyObject
}

export const deviceKeyFile = (dataDir: string): string => join(dataDir, 'device-key.pem')

/** The key that is to follow, while nobody but this machine may know of it yet. */
export const nextKeyFile = (dataDir: string): string => join(dataDir, 'device-key.next.pem')

const describe = (privateKey: KeyObject): DeviceKey => {
  const publicKey = createPublicKey(privateKey)
  return {
    privatePem: new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).trimEnd(),
    publicKeySha256: createHash('sha256')
      .update(publicKey.export({ type: 'spki', format: 'der' }))
      .digest('hex'),
    privateKey,
  }
}

const parse = (pem: string, path: string): KeyObject => {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key
  } catch (cause) {
    throw new PlainFault(`${path}: is not a private key; restore it, or run: muster-agent reset --all`, 1, { cause })
  }
  throw new PlainFault(`${path}: is not a P-256 key; restore it, or run: muster-agent reset --all`)
}

const loadOrMakeAt = (path: string): DeviceKey => {
  const pem = readIfThere(path)
  if (pem !== null) {
    makePrivate(path)
    return describe(parse(pem, path))
  }
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = describe(privateKey)
  writeWhole(path, key.privatePem.reveal())
  return key
}

/** The key in the data folder; on first use a new one, safely on the disk before it is returned. */
export const loadOrMakeKey = (dataDir: string): DeviceKey => loadOrMakeAt(deviceKeyFile(dataDir))

/** The same for the key that is to follow; one that is there already may be known to the server, and stays. */
export const loadOrMakeNextKey = (dataDir: string): DeviceKey => loadOrMakeAt(nextKeyFile(dataDir))

/** The key that is to follow, if a change of keys was begun and not ended. */
export const loadNextKey = (dataDir: string): DeviceKey | null => {
  const path = nextKeyFile(dataDir)
  const pem = readIfThere(path)
  return pem === null ? null : describe(parse(pem, path))
}

/** The key that followed takes the place of the one before, which is gone after that. */
export const adoptNextKey = (dataDir: string): void => moveOver(nextKeyFile(dataDir), deviceKeyFile(dataDir))
