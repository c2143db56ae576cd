import type { Address, Hex } from './hex.ts'
import { keccak256 } from './keccak.ts'

/** The address with EIP-55's capitals, as people read and paste it. Never a map key: those are lower case. */
export function checksumAddress(address: Address): Hex {
  const digits = address.slice(2)
  const hash = Buffer.from(keccak256(new TextEncoder().encode(digits))).toString('hex')
  let out = ''
  for (let index = 0; index < digits.length; index++) {
    const digit = digits[index]!
    out += Number.parseInt(hash[index]!, 16) >= 8 ? digit.toUpperCase() : digit
  }
  return `0x${out}`
}
