import { bigIntToBytes, concatBytes } from '../primitives/bytes.ts'
import { type Address, bytesToAddress, hexToBytes } from '../primitives/hex.ts'
import { keccak256 } from '../primitives/keccak.ts'
import { encodeRlp } from '../primitives/rlp.ts'

/** Where a contract created by `sender` at this nonce lives (a creating transaction, CREATE). */
export function createAddress(sender: Address, nonce: bigint): Address {
  const digest = keccak256(encodeRlp([hexToBytes(sender), bigIntToBytes(nonce)]))
  return bytesToAddress(digest.subarray(12))
}

/** EIP-1014: where CREATE2 puts a contract. @param salt 32 bytes */
export function create2Address(deployer: Address, salt: Uint8Array, initCode: Uint8Array): Address {
  const preimage = concatBytes(CREATE2_MARK, hexToBytes(deployer), salt, keccak256(initCode))
  return bytesToAddress(keccak256(preimage).subarray(12))
}

const CREATE2_MARK = Uint8Array.of(0xff)
