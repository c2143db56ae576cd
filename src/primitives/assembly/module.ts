/** What a module of these alone exports: for tests and measurements. Engines compile the sources in. */
export { keccak256, keccakWord } from './keccak'
export { keccakMany } from './keccak-many'
export { keccakPair } from './keccak-pair'
export {
  add,
  and,
  bitLength,
  byte,
  clzWord,
  copy,
  eq,
  gt,
  iszero,
  lt,
  mul,
  negate,
  not,
  or,
  sgt,
  slt,
  sub,
  xor,
} from './u256'
export { loadBytes, loadBytes32, storeBytes32 } from './u256-bytes'
export { addmod, div, mod, mulmod, sdiv, smod } from './u256-div'
export { exp } from './u256-exp'
export { sar, shl, shr, signextend } from './u256-shift'
