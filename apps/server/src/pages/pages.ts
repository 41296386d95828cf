// The pages beside the API's routes: health for those who watch, the CA for those who must trust it, documents, metrics.
// What they show is known elsewhere; serving them is the http edge's.
import { credentialMay, fleetPrefix } from '@muster/contract'
import type { Page, PageReply, Site } from '@muster/http'
import type { Identity } from '@muster/identity'
import { asyncApiText } from '../asyncapi/text.ts'
import type { Health } from '../health/health.ts'
import type { Metrics } from '../metrics.ts'
import { openApiText } from '../openapi/text.ts'
import { schemasText } from '../schemas/text.ts'
import type { Settings } from '../settings/table.ts'

export interface PageNeeds {
  readonly settings: Settings
  readonly identity: Pick<Identity, 'authority' | 'operators'>
  readonly health: Health
  readonly metrics: Metrics
}

const text = (body: string, status = 200): PageReply => ({ status, type: 'text/plain; charset=utf-8', body })
const json = (body: string, status = 200): PageReply => ({ status, type: 'application/json; charset=utf-8', body })

const welcome = `This is a Muster server. The fleet API is at ${fleetPrefix} and described at /openapi.json.\n`

/** The front page of a server whose dashboard was not built. */
export const withoutDashboard: Site = ({ path }) => (path === '/' ? text(welcome) : null)

const metricsPage = ({ settings, identity, metrics }: PageNeeds): Page => {
  const auth = settings['metrics.auth']
  const figures = async (): Promise<PageReply> => ({
    status: 200,
    type: metrics.contentType,
    body: await metrics.text(),
  })
  return {
    path: '/metrics',
    loopbackOnly: auth === 'loopback',
    async handle({ headers, ip }) {
      if (auth !== 'token') return figures()
      const operator = await identity.operators.identify(headers.authorization, ip)
      return operator.ok && credentialMay(operator.value, 'fleet:read')
        ? figures()
        : text('Send an operator token: Authorization: Bearer mot_…\n', 401)
    },
  }
}

export const createPages = (needs: PageNeeds): readonly Page[] => {
  const { identity, health } = needs
  const [description, told, schemas] = [openApiText(), asyncApiText(), schemasText()]
  return [
    { path: '/health', handle: () => text('ok\n') },
    { path: '/healthz', handle: () => json('{"status":"ok"}') },
    {
      path: '/readyz',
      async handle() {
        const { ready, reasons } = await health.readiness()
        return json(JSON.stringify({ status: ready ? 'ready' : 'not ready', reasons }), ready ? 200 : 503)
      },
    },
    {
      path: '/ca.pem',
      handle: () => ({ status: 200, type: 'application/x-pem-file', body: identity.authority.trustedPems().join('') }),
    },
    { path: '/openapi.json', handle: () => json(description) },
    { path: '/asyncapi.json', handle: () => json(told) },
    { path: '/schemas.json', handle: () => json(schemas) },
    { path: `${fleetPrefix}/openapi.json`, handle: () => json(description) },
    metricsPage(needs),
  ]
}
