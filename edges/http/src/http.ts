// The door of the http edge: both listeners, and the calling half.
// What can be said is the contract's; what it means is the rooms'.
export type { DeviceKnock, Doorkeeper } from './api/admission.ts'
export { type Api, type ApiSettings, type ApiTls, createApi } from './api/api.ts'
export type { Claim, KeyedRequest, RememberedReply, ReplyMemory } from './api/idempotency.ts'
export { isLoopback, type Page, type PageAsked, type PageReply, type Site, type SiteAsked } from './api/page.ts'
export { readSessionCookie } from './api/session-cookie.ts'
export * from './client.ts'
export type { AgentKnock, IdentifyAgent, IdentifyDevice } from './gateway/exchange.ts'
export { createGateway, type Gateway, type GatewaySettings } from './gateway/gateway.ts'
export { createHandOver, type HandOver, type HandOverSettings } from './gateway/hand-over/hand-over.ts'
export type { GatewayLimits, GatewayTls } from './gateway/listener-options.ts'
export type { Measure } from './measure.ts'
export type { Peer } from './peer.ts'
export type { ExcuseOf } from './problem.ts'
export {
  type Answer,
  EncodedJson,
  encodedJson,
  type Replied,
  RepliedAs,
  repliedAs,
  type Said,
  type Served,
  SessionReply,
  serve,
  serveBytes,
  serveView,
} from './serve.ts'
