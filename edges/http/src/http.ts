// The door of the http edge: both listeners, and the calling half.
// What can be said is the contract's; what it means is the rooms'.

export type { Peer } from './gateway/connection.ts'
export type { IdentifyDevice } from './gateway/exchange.ts'
export { createGateway, type Gateway, type GatewaySettings } from './gateway/gateway.ts'
export type { GatewayLimits, GatewayTls } from './gateway/listener-options.ts'
export type { Measure } from './measure.ts'
export {
  type Answer,
  EncodedJson,
  encodedJson,
  type Replied,
  type Said,
  type Served,
  serve,
  serveBytes,
} from './serve.ts'
