import { movedPrecompiles } from '../../chain/precompile-overrides.ts'
import type { CallTarget } from '../../chain/simulate.ts'
import type { Header } from '../../model/block.ts'
import type { BlockOverrides } from '../../model/call.ts'
import type { CallContext } from '../../rpc/call-port.ts'
import { overrideView } from '../../state/overrides.ts'

/** A call's target as the request pretends it to be. */
export function withOverrides(target: CallTarget, context: CallContext): CallTarget {
  const { stateOverrides, blockOverrides } = context
  if (stateOverrides === undefined && blockOverrides === undefined) return target
  const moved = stateOverrides && movedPrecompiles(stateOverrides, target.env.rules)
  return {
    ...target,
    view: stateOverrides === undefined ? target.view : overrideView(target.view, stateOverrides),
    env: blockOverrides === undefined ? target.env : overrideEnv(target.env, blockOverrides),
    switches: { ...target.switches, ...(moved === undefined ? {} : { movedPrecompiles: moved }) },
  }
}

function overrideEnv(env: CallTarget['env'], overrides: BlockOverrides): CallTarget['env'] {
  const { header } = env
  const changed: Header = {
    ...header,
    number: overrides.number ?? header.number,
    timestamp: overrides.timestamp ?? header.timestamp,
    gasLimit: overrides.gasLimit ?? header.gasLimit,
    beneficiary: overrides.beneficiary ?? header.beneficiary,
    mixHash: overrides.prevRandao ?? header.mixHash,
    difficulty: overrides.difficulty ?? header.difficulty,
    baseFeePerGasWei: overrides.baseFeePerGasWei ?? header.baseFeePerGasWei,
  }
  const hashes = overrides.blockHashes
  return {
    ...env,
    header: changed,
    blobBaseFeeWei: overrides.blobBaseFeeWei ?? env.blobBaseFeeWei,
    blockHash: (number) => hashes?.get(number) ?? env.blockHash(number),
  }
}
