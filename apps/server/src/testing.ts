// The door that only tests and the bench open: a whole server in the test's own process, and the database of one that is stopped.
// The product itself never imports it.
export { startTestServer, type TestServer, type TestServerWishes, value } from './testing/server.ts'
export { openStoppedStorage } from './testing/stopped-storage.ts'
