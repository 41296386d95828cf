// A door for programs that only call: the calling half, without the listeners and what they load.
// Everything else of the http edge is behind http.ts.
export {
  type Asked,
  type Called,
  call,
  callLines,
  callText,
  type RemoteRefusal,
} from './client/call.ts'
export { type Client, type ClientSettings, createClient, type Sending } from './client/client.ts'
export { readText } from './client/reply-body.ts'
export { Unreachable } from './client/unreachable.ts'
