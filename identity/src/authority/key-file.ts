// Where an authority's private key lies: `ca/<authority id>.key.pem` in the data folder, 0600, sealed if so wished.
// Which authority is current is in the database; this file knows keys only.
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import type { Secret } from '@muster/kernel'
import { readPrivateFile, writePrivateFile } from '../private-file.ts'

export interface KeyFiles {
  /** Undefined when this data folder does not hold the key. */
  read(authorityId: string): Promise<KeyObject | undefined>
  write(authorityId: string, key: KeyObject): Promise<void>
}

const sealedHeader = '-----BEGIN ENCRYPTED PRIVATE KEY-----'

const toText = (key: KeyObject, passphrase: Secret | undefined): string => {
  const plain = { type: 'pkcs8', format: 'pem' } as const
  if (passphrase === undefined) return key.export(plain)
  return key.export({ ...plain, cipher: 'aes-256-cbc', passphrase: passphrase.reveal() })
}

const fromText = (path: string, text: string, passphrase: Secret | undefined): KeyObject => {
  if (!text.startsWith(sealedHeader)) return createPrivateKey(text)
  if (passphrase === undefined) throw new Error(`${path} is sealed: set MUSTER_CA_PASSPHRASE`)
  try {
    return createPrivateKey({ key: text, passphrase: passphrase.reveal() })
  } catch (cause) {
    throw new Error(`${path} does not open with this MUSTER_CA_PASSPHRASE`, { cause })
  }
}

export const createKeyFiles = (dataDir: string, passphrase?: Secret): KeyFiles => {
  const pathOf = (authorityId: string): string => join(dataDir, 'ca', `${authorityId}.key.pem`)
  const write = (authorityId: string, key: KeyObject): Promise<void> =>
    writePrivateFile(pathOf(authorityId), toText(key, passphrase))
  return {
    async read(authorityId) {
      const path = pathOf(authorityId)
      const text = await readPrivateFile(path)
      if (text === undefined) return undefined
      const key = fromText(path, text, passphrase)
      // A passphrase set later seals what was written before.
      if (passphrase !== undefined && !text.startsWith(sealedHeader)) await write(authorityId, key)
      return key
    },
    write,
  }
}
