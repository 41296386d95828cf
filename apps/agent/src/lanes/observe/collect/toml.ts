// TOML as a value, or nothing when the text is none. smol-toml reads all of TOML 1.0 and bounds its depth.
// What the values mean is for the readers of each format.
import { parse } from 'smol-toml'
import { withoutMark } from './reading.ts'

export type TomlReading =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false }

export const readToml = (text: string): TomlReading => {
  try {
    return { ok: true, value: parse(withoutMark(text)) }
  } catch {
    return { ok: false }
  }
}
