// A door for programs that only check a chain, such as `muster audit verify FILE`; it opens no database.
// Everything else of the ledger is behind ledger.ts.
export { type ChainPoint, GENESIS } from './chain/link.ts'
export {
  beginCheck,
  type ChainAnchor,
  type ChainCheck,
  type ChainFault,
  checkEntry,
  PURGE_ACTION,
  verifyChain,
} from './chain/verify.ts'
