import { Common, type CustomCrypto, Hardfork, Mainnet } from '@ethereumjs/common'
import { paramsTx } from '@ethereumjs/tx'
import type { KZG } from '@ethereumjs/util'

import type { ForkName } from '../../model/fork.ts'
import { verifyPointEvaluation } from '../../model/kzg.ts'
import { hexToBytes } from '../../primitives/hex.ts'
import { keccak256 } from '../../primitives/keccak.ts'
import { recoverPublicKey } from '../../primitives/secp256k1.ts'

/** Blob schedules are not among them: a header brings its blob price along (EIP-7892). */
const HARDFORKS: Readonly<Record<ForkName, Hardfork>> = {
  frontier: Hardfork.Chainstart,
  homestead: Hardfork.Homestead,
  tangerineWhistle: Hardfork.TangerineWhistle,
  spuriousDragon: Hardfork.SpuriousDragon,
  byzantium: Hardfork.Byzantium,
  constantinople: Hardfork.Constantinople,
  petersburg: Hardfork.Petersburg,
  istanbul: Hardfork.Istanbul,
  muirGlacier: Hardfork.MuirGlacier,
  berlin: Hardfork.Berlin,
  london: Hardfork.London,
  arrowGlacier: Hardfork.ArrowGlacier,
  grayGlacier: Hardfork.GrayGlacier,
  paris: Hardfork.Paris,
  shanghai: Hardfork.Shanghai,
  cancun: Hardfork.Cancun,
  prague: Hardfork.Prague,
  osaka: Hardfork.Osaka,
  amsterdam: Hardfork.Amsterdam,
}

/**
 * The rules of one fork, looked up in constant time: the interpreter asks several times per instruction, and the
 * original walks its lists each time. Not to be given another fork.
 */
class FixedCommon extends Common {
  // Not initialised here: the constructor of `Common` calls the methods below.
  declare private eipSet: Set<number> | undefined
  declare private values: Map<string, bigint> | undefined
  declare private reached: Map<string, boolean> | undefined
  declare private consensus: string | undefined

  override isActivatedEIP(eip: number): boolean {
    this.eipSet ??= new Set(this._activatedEIPsCache)
    return this.eipSet.has(eip)
  }

  override param(name: string): bigint {
    this.values ??= new Map()
    let value = this.values.get(name)
    if (value === undefined) {
      value = super.param(name)
      this.values.set(name, value)
    }
    return value
  }

  override gteHardfork(fork: string): boolean {
    this.reached ??= new Map()
    let reached = this.reached.get(fork)
    if (reached === undefined) {
      reached = super.gteHardfork(fork)
      this.reached.set(fork, reached)
    }
    return reached
  }

  override consensusType(): string {
    this.consensus ??= super.consensusType()
    return this.consensus
  }

  protected override _buildParamsCache(): void {
    super._buildParamsCache()
    this.values = undefined
    this.reached = undefined
    this.consensus = undefined
  }

  protected override _buildActivatedEIPsCache(): void {
    super._buildActivatedEIPsCache()
    this.eipSet = undefined
  }
}

/** ethereumjs' rules for one fork on one chain, with our cryptography. @param eips rules beyond the fork's */
export function createCommon(
  fork: ForkName,
  chainId: bigint,
  eips: readonly number[] = [],
): Common {
  const common = new FixedCommon({
    chain: { ...Mainnet, name: 'heddle', chainId: chainId.toString() },
    hardfork: HARDFORKS[fork],
    eips: [...eips],
    customCrypto: CRYPTO,
  })
  common.updateParams(paramsTx)
  return common
}

const CRYPTO: CustomCrypto = {
  keccak256,
  ecrecover(digest, v, r, s) {
    const publicKey = recoverPublicKey(digest, r, s, v === 28n ? 1 : 0)
    if (publicKey === undefined) throw new Error('no key made this signature')
    return publicKey
  },
  kzg: {
    verifyProof(commitment, z, y, proof) {
      const valid = verifyPointEvaluation(
        hexToBytes(commitment),
        hexToBytes(z),
        hexToBytes(y),
        hexToBytes(proof),
      )
      // The words by which the precompile knows malformed input.
      if (valid === undefined) throw new Error('C_KZG_BADARGS')
      return valid
    },
  } as Partial<KZG> as KZG,
}
