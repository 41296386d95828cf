// What Homebrew wrote down when it installed something: where it came from, and whether anybody asked for it. Pure.
// Everything else in a receipt is passed over (sensor-agent 6.1).
import { readJson } from '../jsonc.ts'
import { isMapping, textOf } from '../reading.ts'

export const mostReceiptBytes = 1_000_000

export interface Receipt {
  readonly tap: string | null
  readonly installedOnRequest: boolean | null
}

/** Null when the text is no receipt. */
export const readReceipt = (text: string): Receipt | null => {
  const document = readJson(text)
  if (!document.ok || !isMapping(document.value)) return null
  const { source, installed_on_request: requested } = document.value
  return {
    tap: isMapping(source) ? textOf(source['tap']) : null,
    installedOnRequest: typeof requested === 'boolean' ? requested : null,
  }
}
