// Which packages apt installed only because others need them, as `extended_states` says. Pure.
// A package that it does not mention was asked for by somebody.
import { paragraphsOf } from './dpkg-status.ts'

/** `name:architecture`. */
export const readAutoInstalled = (text: string): ReadonlySet<string> => {
  const automatic = new Set<string>()
  for (const fields of paragraphsOf(text)) {
    if (fields.get('auto-installed') === '1') automatic.add(`${fields.get('package')}:${fields.get('architecture')}`)
  }
  return automatic
}
