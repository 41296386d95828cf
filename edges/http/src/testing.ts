// The door that only tests open: certificates made for one run.
// The product itself never imports it.
export {
  type LeafOrder,
  makeAuthority,
  makeLeaf,
  makeServerLeaf,
  type TestAuthority,
  type TestLeaf,
} from './testing/authority.ts'
