// The door that only tests open: certificates made for one run, and a client without manners.
// The product itself never imports it.
export {
  adoptAuthority,
  certify,
  type LeafOrder,
  makeAuthority,
  makeLeaf,
  makeServerLeaf,
  type TestAuthority,
  type TestLeaf,
} from './testing/authority.ts'
export { startProxy } from './testing/proxy.ts'
export { openWire, requestBytes, type Wire, type WireReply } from './testing/wire.ts'
