// What Node itself is told when it runs a server; plain JavaScript, because whoever starts one may be any Node.
// What the server is told is in settings/.

/**
 * Four helpers of V8, its default, are in each other's way and in the server's on a machine with two cores, and most of
 * what they are woken for is a collection that one of them makes as soon.
 */
export const serverFlags = ['--v8-pool-size=1']
