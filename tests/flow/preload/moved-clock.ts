// Loaded ahead of a program: its clock is moved by as many milliseconds as stand behind the `?` of this module's address.
// Only what the program itself reads is moved; the clock of the system, by which OpenSSL judges certificates, is not.
const movedMs = Number(new URL(import.meta.url).search.slice(1))
const now = Date.now

Date.now = () => now() + movedMs
