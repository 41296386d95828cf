// One package of a package file as an item, made small: a home can pin hundreds of thousands of them.
// Its identity and what it shares with the rest of its file are computed when asked for, so nothing is held per item
// but three texts; fields are read by name, never spread.
import type { PayloadItem } from '@muster/contract/device'
import { itemIdOf } from './item-id.ts'

/** What all items found in one file, as one kind, have in common. */
export interface FoundIn {
  readonly surface: string
  readonly kind: string
  readonly path: string
  readonly origin: string
}

const noAttributes = Object.freeze({})

export class PackageItem implements PayloadItem {
  readonly #in: FoundIn
  readonly name: string
  readonly version: string | null
  readonly detail: string | null

  constructor(foundIn: FoundIn, name: string, version: string | null, detail: string | null) {
    this.#in = foundIn
    this.name = name
    this.version = version
    this.detail = detail
  }

  get itemId(): string {
    const { surface, kind, path } = this.#in
    return itemIdOf({ surface, kind, path, name: this.name, version: this.version })
  }

  get surface(): string {
    return this.#in.surface
  }

  get kind(): string {
    return this.#in.kind
  }

  get path(): string {
    return this.#in.path
  }

  get origin(): string {
    return this.#in.origin
  }

  get installedOnRequest(): null {
    return null
  }

  get attributes(): Readonly<Record<string, string>> {
    return noAttributes
  }

  toJSON(): PayloadItem {
    const { itemId, surface, kind, name, version, path, origin, detail, installedOnRequest, attributes } = this
    return { itemId, surface, kind, name, version, path, origin, detail, installedOnRequest, attributes }
  }
}
