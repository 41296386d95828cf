// Text from outside on its way into the database: device text is hostile, and operators paste.
// Escaping for a screen or a shell is the business of whoever shows it.

/** PostgreSQL takes neither NUL nor half a surrogate pair; both become the replacement character. */
export const cleanText = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD')

/** At most 512 UTF-16 units, never half a character (sensor-protocol 4.1). */
export const hostText = (text: string): string =>
  cleanText(text.length <= 512 ? text : text.slice(0, 512).replace(/[\uD800-\uDBFF]$/, ''))

export interface HostTexts {
  readonly hostname: string
  readonly osVersion: string
  readonly hardwareModel: string
  readonly sensorVersion: string
}

export const cleanHost = (said: HostTexts): HostTexts => ({
  hostname: hostText(said.hostname),
  osVersion: hostText(said.osVersion),
  hardwareModel: hostText(said.hardwareModel),
  sensorVersion: hostText(said.sensorVersion),
})
