// Which server a command talks to and which credential it shows there: flags, environment, context, checkout, default.
// Reading those places is connect.ts.
import { ok, type Result, refuse, type Secret } from '@muster/kernel'

/** One place that may say something about the connection. */
export interface Layer {
  readonly source: 'flags' | 'environment' | 'context' | 'checkout'
  readonly url?: string | undefined
  readonly token?: Secret | undefined
  /** File with certificates to trust besides those of the system. */
  readonly caFile?: string | undefined
}

export interface Context {
  readonly url: string
  readonly token?: Secret
  readonly caFile?: string
}

export interface ConnectionFacts {
  readonly flags: Omit<Layer, 'source'> & { readonly context?: string | undefined }
  readonly environment: Omit<Layer, 'source'> & { readonly context?: string | undefined }
  readonly contexts: Readonly<Record<string, Context>>
  readonly currentContext: string | null
  /** What `npm run up` left in the checkout this runs in. */
  readonly checkout: Context | null
}

export interface Connection {
  /** Origin and path before `/api`, without a slash at its end. */
  readonly url: string
  readonly token: Secret | null
  readonly tokenSource: Layer['source'] | null
  readonly caFile: string | null
}

export const defaultUrl = 'http://127.0.0.1:8080'

/** The URL in one spelling; null when it is not an http or https one. */
export const tidyUrl = (text: string): string | null => {
  if (!URL.canParse(text)) return null
  const { protocol, origin, pathname } = new URL(text)
  return protocol === 'http:' || protocol === 'https:' ? origin + pathname.replace(/\/+$/, '') : null
}

const layersOf = (facts: ConnectionFacts): Result<readonly Layer[], 'context_unknown'> => {
  const { flags, environment, contexts, currentContext, checkout } = facts
  const layers: Layer[] = [{ source: 'flags', ...flags }]
  const named = flags.context ?? environment.context
  const name = named ?? currentContext
  const context = name === null ? undefined : contexts[name]
  if (named !== undefined && context === undefined)
    return refuse('context_unknown', `There is no context "${named}"; \`muster context list\` shows those there are.`)
  const layer: Layer[] = context === undefined ? [] : [{ source: 'context', ...context }]
  // A context that a flag names comes before the environment, as every flag does.
  if (flags.context !== undefined) layers.push(...layer)
  layers.push({ source: 'environment', ...environment })
  if (flags.context === undefined) layers.push(...layer)
  if (checkout !== null) layers.push({ source: 'checkout', ...checkout })
  return ok(layers)
}

/**
 * The first place that names a server decides; a token or certificate file counts only from a place that names the same
 * server or none, so that no server is ever shown the token of another.
 */
export const decideConnection = (facts: ConnectionFacts): Result<Connection, 'context_unknown' | 'url_malformed'> => {
  const layers = layersOf(facts)
  if (!layers.ok) return layers
  const asked = layers.value.find((layer) => layer.url !== undefined)?.url ?? defaultUrl
  const url = tidyUrl(asked)
  if (url === null)
    return refuse('url_malformed', `"${asked}" is not the address of a server; it looks like https://muster.example.`)
  const fitting = layers.value.filter((layer) => layer.url === undefined || tidyUrl(layer.url) === url)
  const withToken = fitting.find((layer) => layer.token !== undefined)
  const withCa = fitting.find((layer) => layer.caFile !== undefined)
  return ok({
    url,
    token: withToken?.token ?? null,
    tokenSource: withToken?.source ?? null,
    caFile: withCa?.caFile ?? null,
  })
}

const loopback = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/

/** Whether a token sent there could be read on the way. */
export const isExposed = (url: string): boolean => {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !loopback.test(hostname)
}
