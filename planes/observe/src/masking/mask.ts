// What an operator reads of what devices said: as it came, or without what only some may read.
// What is hidden of a text is decide.ts.
import { credentialMay, type RawEvent } from '@muster/contract'
import type { KnownOperator } from '@muster/identity'
import { maskText } from './decide.ts'

const mayRead = (operator: KnownOperator): boolean => credentialMay(operator, 'details:read')

/** Every text in it, however deep; the keys of objects are the contract's, or names of attributes. */
const maskValue = <Value>(value: Value): Value => {
  if (typeof value === 'string') return maskText(value) as Value
  if (Array.isArray(value)) return value.map(maskValue) as Value
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskValue(inner)])) as Value
}

export const readBy = <Item>(operator: KnownOperator, item: Item): Item => (mayRead(operator) ? item : maskValue(item))

/** The bytes of a payload cannot be masked, so they are left out. */
export const eventReadBy = (operator: KnownOperator, event: RawEvent): RawEvent =>
  mayRead(operator) ? event : { ...event, payload: '' }
