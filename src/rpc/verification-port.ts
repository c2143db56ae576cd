import type { Address, Hex } from '../primitives/hex.ts'

type Fields = Readonly<Record<string, unknown>>

/** Sources that are said to be a contract's. */
export interface Claim {
  readonly address: Address
  /** `src/Token.sol:Token`, or the name alone where only one contract has it. */
  readonly contract: string
  /** `0.8.37`, as a rule with `+commit.f401782d`. */
  readonly compiler: string
  /** The compiler's standard JSON input, with the text of every source. */
  readonly input: Fields
  /** Undefined when it is not said. */
  readonly constructorArguments: Hex | undefined
}

/** `metadata`: alike but for the hash of sources and settings at its end. */
export type Match = 'exact' | 'metadata'

/** A contract of which it is known what it was made from. */
export interface VerifiedContract {
  readonly address: Address
  readonly name: string
  /** The path of its source. */
  readonly source: string
  /** `0.8.37+commit.f401782d` */
  readonly compiler: string
  readonly input: Fields
  readonly abi: readonly unknown[]
  /** solc's metadata as an object. */
  readonly metadata: Fields
  readonly storageLayout: unknown
  readonly runtime: Match
  /** Undefined when no transaction here created it, or not by this code. */
  readonly creation: Match | undefined
  /** What follows the creation code; undefined where that is. */
  readonly constructorArguments: Hex | undefined
  /** Unix time in milliseconds. */
  readonly verifiedAtMs: number
}

/** In the reason stands what was found and what was expected. */
export type Verdict =
  | { readonly kind: 'verified'; readonly contract: VerifiedContract }
  | { readonly kind: 'refused'; readonly reason: string }

/** Finds out whether sources are a contract's: by compiling them, or by an artefact that vouches for them. */
export interface VerificationPort {
  /** @param initCode what the contract was created by; undefined when that is not known */
  check(claim: Claim, initCode: Uint8Array | undefined): Promise<Verdict>
  /** By the code that is at the address now; undefined when that was not verified. */
  verified(address: Address): Promise<VerifiedContract | undefined>
}
