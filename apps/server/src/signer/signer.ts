// The authority whose key a program keeps, as the settings name it: its certificate, and how the program is asked.
// Starting the program is signing-program.ts; whether any of it can be believed is identity's.
import { readFile } from 'node:fs/promises'
import type { ExternalAuthoritySource } from '@muster/identity'
import { PlainFault } from '../plain-fault.ts'
import type { ServerSettings } from '../settings/settings.ts'
import { createSigningProgram } from './signing-program.ts'

const readPem = async (path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new PlainFault(`--ca-certificate ${path}: cannot be read`, 1, { cause })
  }
}

/** Nothing unless both are named; the settings see to it that one does not stand without the other. */
export const readExternalAuthority = async ({
  settings,
}: Pick<ServerSettings, 'settings'>): Promise<{ externalAuthority?: ExternalAuthoritySource }> => {
  const { 'ca.signer': program, 'ca.certificate': path } = settings
  if (program === undefined || path === undefined) return {}
  const sign = createSigningProgram({ program, timeoutMs: settings['ca.signerSeconds'] * 1000 })
  return { externalAuthority: { certificatePem: await readPem(path), sign } }
}
