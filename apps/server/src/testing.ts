// The door that only tests open: a whole server in the test's own process, on free ports of loopback.
// The product itself never imports it.
export { startTestServer, type TestServer, type TestServerWishes, value } from './testing/server.ts'
