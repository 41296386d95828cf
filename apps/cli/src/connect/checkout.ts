// The token that `npm run up` leaves in a checkout, so that `muster` works there without being told anything.
// It counts only for the address on which that command listens.
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Secret } from '@muster/kernel'

const read = (file: string): Promise<string | null> => readFile(file, 'utf8').catch(() => null)

/** Walks up from a folder to the checkout it lies in; null outside of one, or when nothing was started there. */
export const findCheckoutToken = async (folder: string): Promise<Secret | null> => {
  for (let at = folder; ; at = dirname(at)) {
    const token = (await read(join(at, '.muster', 'admin-token')))?.trim() ?? ''
    if (token !== '' && (await read(join(at, 'package.json'))) !== null) return new Secret(token)
    if (dirname(at) === at) return null
  }
}
