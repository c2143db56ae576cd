/** Messages that fuzzing found a fault with, kept so that it stays away. */
export const SEEDS: readonly (readonly [name: string, message: string])[] = [
  ['a lone surrogate', '{"jsonrpc":"2.0","id":"\\ud800","method":"eth_chainId"}'],
]
