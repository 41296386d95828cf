// Loaded ahead of a program that another one started: ends this process when that one is gone, even by kill -9.
// How to stop cleanly is the program's own business; this only asks, and insists after a while.

const patienceMs = 15_000

process.on('disconnect', () => {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), patienceMs).unref()
  process.kill(process.pid, 'SIGTERM')
})
// Listening must not keep a program alive that has nothing left to do.
process.channel?.unref()
