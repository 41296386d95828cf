// The door for what runs beside the database: how much of a device was scanned, told in the transaction that makes it so.
// Everything else of identity has its own door.
export { loadLastScanned, noteScanned, type ScannedDevice } from './devices/scanned.ts'
