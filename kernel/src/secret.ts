// A value that cannot be printed: logs, JSON, templates and inspection all show [secret].
// It does not encrypt anything; it only makes leaking a deliberate act.
import { inspect } from 'node:util'

export class Secret<T = string> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
  }

  /** The only way to the value, and easy to search for. */
  reveal(): T {
    return this.#value
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }

  [inspect.custom](): string {
    return '[secret]'
  }
}
