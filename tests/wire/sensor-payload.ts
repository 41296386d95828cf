// The protobuf payload written by hand, as the macOS agent does (sensor-protocol 9): ascending fields, empty means omitted.
// It shares no code with the product, so that both can be wrong only by themselves.

export interface SensorItem {
  readonly itemId: string
  readonly surface: string
  readonly kind: string
  readonly name: string
  readonly version?: string
  readonly path: string
  readonly origin?: string
  readonly installedOnRequest?: boolean
  readonly detail?: string
  /** Never sent by the real agent; other agents may. */
  readonly attributes?: Readonly<Record<string, string>>
}

export interface SensorFinding {
  readonly id: string
  readonly surface: string
  readonly itemId: string
  readonly ruleId: string
  readonly title: string
  readonly rationale: string
  readonly severity: string
  readonly itemName: string
  readonly evidence: {
    readonly path: string
    readonly detail?: string
    readonly matchedField?: string
    readonly matchedValue?: string
  }
  readonly observedAt: string
}

export const varint = (value: number): Buffer => {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  return Buffer.from([...bytes, rest])
}

/** Field `number` with length-delimited `bytes`. */
export const field = (number: number, bytes: string | Uint8Array): Buffer => {
  const content = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content])
}

const texts = (...values: readonly (string | undefined)[]): Buffer =>
  Buffer.concat(
    values.map((value, at) => (value === undefined || value === '' ? Buffer.alloc(0) : field(at + 1, value))),
  )

/** Field `number` with a varint. */
export const varintField = (number: number, value: number): Buffer => Buffer.concat([varint(number * 8), varint(value)])

const provenance = ({ origin, installedOnRequest, detail }: SensorItem): Buffer =>
  Buffer.concat([
    texts(origin),
    installedOnRequest === undefined ? Buffer.alloc(0) : varintField(2, Number(installedOnRequest)),
    detail === undefined ? Buffer.alloc(0) : field(3, detail),
  ])

export const itemMessage = (item: SensorItem): Buffer => {
  const from = provenance(item)
  const attributes = Object.entries(item.attributes ?? {}).map(([key, value]) => field(8, texts(key, value)))
  return Buffer.concat([
    texts(item.itemId, item.surface, item.kind, item.name, item.version, item.path),
    from.length === 0 ? from : field(7, from),
    ...attributes,
  ])
}

export const findingMessage = (finding: SensorFinding): Buffer => {
  const { evidence } = finding
  const { id, surface, itemId, ruleId, title, rationale, severity, itemName } = finding
  return Buffer.concat([
    texts(id, surface, itemId, ruleId, title, rationale, severity, itemName),
    field(9, texts(evidence.path, evidence.detail, evidence.matchedField, evidence.matchedValue)),
    field(10, finding.observedAt),
  ])
}

/** The version comes first, always. */
export const payloadOf = (body: { readonly item: SensorItem } | { readonly finding: SensorFinding }): Buffer =>
  Buffer.concat([
    varintField(1, 1),
    'item' in body ? field(2, itemMessage(body.item)) : field(3, findingMessage(body.finding)),
  ])

/** How the macOS agent names an item (sensor-protocol 8.3). */
export const itemIdOf = (item: Pick<SensorItem, 'surface' | 'kind' | 'path' | 'name' | 'version'>): string => {
  const base = `${item.surface}/${item.kind}/${item.path}/${item.name}`
  return item.surface.endsWith('Packages') ? `${base}/${item.version ?? ''}` : base
}
