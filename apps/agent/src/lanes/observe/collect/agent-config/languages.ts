// The languages configuration is written in, each bound to what its reader may see (sensor-agent 5.6).
// How the rest is concealed is disclosure/.
import type { Disclosure } from '../disclosure/disclosure.ts'
import { readConcealedJson, readConcealedToml } from '../disclosure/read-concealed.ts'
import type { Language } from './config-gathering.ts'

export const jsonOf = (disclosure: Disclosure): Language => ({
  name: 'JSON',
  read: (bytes) => readConcealedJson(bytes, disclosure),
})

export const tomlOf = (disclosure: Disclosure): Language => ({
  name: 'TOML',
  read: (bytes) => readConcealedToml(bytes, disclosure),
})
