import type { DevChain } from '../../chain/dev-chain.ts'
import {
  type CallTarget,
  estimateGas,
  executableOf,
  fetchForCall,
  typeOf,
} from '../../chain/simulate.ts'
import { nextBlobFee } from '../../chain/fee-history.ts'
import type { Engine, Executable } from '../../evm/engine.ts'
import type { CallFields } from '../../model/call.ts'
import { isActive } from '../../model/fork.ts'
import type { Kzg } from '../../model/kzg-backends.ts'
import { versionedHash } from '../../model/kzg.ts'
import type { BlobSidecar } from '../../model/transaction.ts'
import { type Address, ZERO_ADDRESS } from '../../primitives/hex.ts'
import type { FeePort } from '../../rpc/backend.ts'
import type { CallFailure } from '../../rpc/call-port.ts'
import { failureOf } from './failure.ts'

/** EIP-7702's. */
const MAX_TYPE = 4

/** A transaction with every field decided, not yet signed. */
export interface Filled {
  readonly kind: 'filled'
  readonly tx: Executable
  readonly sidecar: BlobSidecar | undefined
}

/** What fills in the blanks of a transaction that a client wants sent. */
export interface Filler {
  readonly dev: DevChain
  readonly engine: Engine
  readonly fees: FeePort
  /** The state the next block starts from. */
  target(): Promise<CallTarget>
}

/**
 * Decides what `fields` leave open: nonce after the pooled ones, fees that the next block takes, gas by estimate.
 * @param onFailure `blockGas`: a call that fails is sent all the same, with the block's gas limit
 */
export async function fill(
  filler: Filler,
  fields: CallFields,
  onFailure: 'blockGas' | 'report',
): Promise<Filled | CallFailure> {
  const target = await filler.target()
  const { type = 0 } = fields
  if (type > MAX_TYPE) {
    const { fork } = target.env.rules
    return { kind: 'rejected', rejection: { kind: 'typeNotSupported', type, fork } }
  }
  await fetchForCall(fields, target)
  const sidecar = fields.blobs && blobSidecar(await loadedKzg(), fields.blobs, target)
  const hashes = sidecar?.commitments.map(versionedHash)
  const wanted = { ...fields, ...(hashes === undefined ? {} : { blobVersionedHashes: hashes }) }
  const priced = withFees(filler, { ...wanted, nonce: nonceOf(filler.dev, fields) }, target)
  const gas = fields.gas ?? (await gasOf(filler, priced, target))
  if (typeof gas !== 'bigint' && onFailure === 'report') return gas
  const complete = { ...priced, gas: typeof gas === 'bigint' ? gas : target.defaultGas }
  const tx = executableOf(complete, target)
  return 'kind' in tx ? tx : { kind: 'filled', tx, sidecar }
}

/** The nonce that is named, or the next after those in the pool. */
export function nonceOf({ pool, view }: DevChain, fields: CallFields): bigint {
  const sender = fields.from ?? ZERO_ADDRESS
  return fields.nonce ?? pool.nextNonce(sender, view.account(sender)?.nonce ?? 0n)
}

function withFees({ fees, dev }: Filler, fields: CallFields, target: CallTarget): CallFields {
  const type = typeOf(fields, target.env)
  if (type === 0 || type === 1) {
    const accessList = type === 0 ? undefined : fields.accessList
    return { ...fields, type, accessList, gasPriceWei: fields.gasPriceWei ?? fees.gasPriceWei() }
  }
  const tipWei = fields.maxPriorityFeePerGasWei ?? fields.gasPriceWei ?? defaultTip(fees, fields)
  const maxFeeWei =
    fields.maxFeePerGasWei ?? fields.gasPriceWei ?? fees.nextBaseFeeWei() * 2n + tipWei
  const { config, head } = dev.chain
  return {
    ...fields,
    type,
    gasPriceWei: undefined,
    maxPriorityFeePerGasWei: tipWei,
    maxFeePerGasWei: maxFeeWei,
    ...(type === 3
      ? {
          maxFeePerBlobGasWei:
            fields.maxFeePerBlobGasWei ?? nextBlobFee(head.block.header, config) * 2n,
        }
      : {}),
  }
}

/** A fee cap that was named bounds the tip that was not. */
function defaultTip(fees: FeePort, { maxFeePerGasWei }: CallFields): bigint {
  const tipWei = fees.maxPriorityFeePerGasWei()
  return maxFeePerGasWei !== undefined && maxFeePerGasWei < tipWei ? maxFeePerGasWei : tipWei
}

async function gasOf(
  { engine }: Filler,
  fields: CallFields,
  target: CallTarget,
): Promise<bigint | CallFailure> {
  const estimate = await estimateGas(engine, fields, target)
  if (estimate.kind === 'estimated') return estimate.gas
  if (estimate.kind === 'exceedsAllowance') {
    const detail = `gas required exceeds allowance (${estimate.allowanceGas})`
    return { kind: 'rejected', rejection: { kind: 'invalid', detail } }
  }
  return failureOf(estimate)
}

/** Loaded at the first blob: its setup takes seconds. */
async function loadedKzg(): Promise<Kzg> {
  const { currentKzg } = await import('../../model/kzg.ts')
  return currentKzg()
}

/** Commitments and proofs for blobs: per cell since Osaka (EIP-7594), per blob before. */
function blobSidecar(kzg: Kzg, blobs: readonly Uint8Array[], { env }: CallTarget): BlobSidecar {
  const commitments = blobs.map((blob) => kzg.blobToCommitment(blob))
  if (isActive(env.rules, 'osaka')) {
    const proofs = blobs.flatMap((blob) => kzg.computeCells(blob).proofs)
    return { version: 1, blobs, commitments, proofs }
  }
  const proofs = blobs.map((blob, index) => kzg.computeProof(blob, commitments[index]!))
  return { version: 0, blobs, commitments, proofs }
}

export function senderOf(fields: CallFields): Address {
  return fields.from ?? ZERO_ADDRESS
}
