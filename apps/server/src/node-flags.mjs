// What Node itself is told when it runs a server; plain JavaScript, because whoever starts one may be any Node.
// What the server is told is in settings/.

export const serverFlags = [
  // Four helpers of V8, its default, are in each other's way and in the server's on a machine with two cores, and most of
  // what they are woken for is a collection that one of them makes as soon.
  '--v8-pool-size=1',
  // V8 looks through its whole heap whenever TLS and bodies have taken another 64 MB beside it, whatever lies in it: nine
  // times while eight thousand devices reconnect. Counted towards the heap's own limit they are no reason of their own.
  '--external-memory-accounted-in-global-limit',
  '--external-memory-max-growing-factor=4',
  // What all of a group is made of is alive whenever a collection comes upon a group, so V8 takes it for long-lived and
  // makes it among the old at once: nothing of any group goes then before a look through the whole heap.
  '--no-allocation-site-pretenuring',
]
