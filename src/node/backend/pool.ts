import type { DevChain } from '../../chain/dev-chain.ts'
import type { SubmitAnswer } from '../../chain/dev-parts.ts'
import type { Executable } from '../../evm/engine.ts'
import type { Lanes } from '../../executor/lane/lanes.ts'
import {
  type DecodedTransaction,
  decodeTransaction,
  signedDigest,
} from '../../model/codec/transaction.ts'
import { impersonate, signTransaction, withSender } from '../../model/signer.ts'
import type { BlobSidecar, Transaction } from '../../model/transaction.ts'
import type { Address } from '../../primitives/hex.ts'
import type { PoolPort, Refusal, Submission } from '../../rpc/backend.ts'
import { whenHere } from '../../state/absent.ts'
import type { Miner } from '../miner.ts'
import type { Wallet } from '../wallet.ts'
import { type Filler, fill, nonceOf, senderOf } from './fill.ts'

export interface PoolParts {
  readonly dev: DevChain
  readonly miner: Miner
  readonly wallet: Wallet
  readonly lanes: Lanes
  readonly filler: Filler
}

type BlobTransaction = Extract<Transaction, { type: 3 }>

/** The pool as RPC offers it transactions. */
export function poolPort(parts: PoolParts): PoolPort {
  const { dev, filler } = parts
  return {
    async submitRaw(raw) {
      // A promise less for each of many transactions.
      const ready = dev.ready()
      if (ready !== undefined) await ready
      const decoded = decodeTransaction(raw)
      if (!decoded.ok) return refused({ kind: 'undecodable', detail: decoded.error })
      const sender = await signerOf(parts.lanes, decoded.value)
      if (sender === undefined) return refused(VOID)
      const tx = withSender(decoded.value, sender)
      const fault = tx.type === 3 ? await sidecarFault(tx) : undefined
      return fault ?? offer(parts, tx)
    },
    async submit(fields) {
      await dev.ready()
      const sender = senderOf(fields)
      const refusal = strangerRefusal(parts, sender)
      if (refusal !== undefined) return refused(refusal)
      const filled = await fill(filler, fields, 'blockGas')
      if (filled.kind === 'rejected') return refused(filled)
      if (filled.kind !== 'filled') {
        return refused({
          kind: 'undecodable',
          detail: `the call cannot be completed: ${filled.kind}`,
        })
      }
      // Filling in waited: meanwhile another may have taken the nonce. From here to the pool nothing waits.
      const tx = { ...filled.tx, nonce: nonceOf(dev, fields) }
      return offer(parts, seal(parts, tx, filled.sidecar))
    },
    async fill(fields) {
      const filled = await fill(filler, fields, 'report')
      if (filled.kind !== 'filled') return filled
      return { kind: 'filled', transaction: seal(parts, filled.tx, filled.sidecar) }
    },
    content() {
      const { ready, queued } = dev.waiting()
      return { pending: ready, queued }
    },
    drop: (hash) => dev.pool.remove(hash),
    dropAll: () => dev.pool.clear(),
    dropFrom: (sender) => dev.pool.removeFrom(sender),
    sidecar: (hash) => dev.sidecar(hash),
  }
}

const VOID = {
  kind: 'undecodable',
  detail: 'transaction: invalid signature: no sender can be recovered from it',
} as const

/** On a lane when many come at once. */
function signerOf(lanes: Lanes, decoded: DecodedTransaction): Promise<Address | undefined> {
  const { signature, r, s } = decoded
  return lanes.recover({ digest: signedDigest(decoded), r, s, yParity: signature.yParity })
}

async function sidecarFault(tx: BlobTransaction): Promise<Submission | undefined> {
  if (tx.sidecar === undefined) {
    return refused({
      kind: 'sidecar',
      detail: 'missing sidecar: blobs, commitments and proofs are needed',
    })
  }
  const { verifySidecar } = await import('../../model/kzg.ts')
  const detail = verifySidecar(tx.sidecar, tx.blobVersionedHashes)
  return detail === undefined ? undefined : refused({ kind: 'sidecar', detail })
}

function strangerRefusal({ wallet, dev }: PoolParts, sender: Address): Refusal | undefined {
  if (wallet.key(sender) !== undefined || dev.isImpersonated(sender)) return undefined
  return { kind: 'unknownAccount', address: sender }
}

/** Signs with the node's own key, or in an impersonated account's name. */
function seal(
  { wallet }: PoolParts,
  tx: Executable,
  sidecar: BlobSidecar | undefined,
): Transaction {
  const { sender, ...fields } = tx
  const key = wallet.key(sender)
  return key === undefined
    ? impersonate(fields, sender, sidecar)
    : signTransaction(fields, key, sidecar)
}

function offer(parts: PoolParts, tx: Transaction): Submission | Promise<Submission> {
  // Nothing waits here, unless a sender far away was never looked at.
  const submitted = whenHere(() => parts.dev.submit(tx))
  return submitted instanceof Promise
    ? submitted.then((answer) => conclude(parts, tx, answer))
    : conclude(parts, tx, submitted)
}

function conclude(
  { dev, miner }: PoolParts,
  tx: Transaction,
  answer: SubmitAnswer,
): Submission | Promise<Submission> {
  const refusal = refusalOf(answer, tx)
  if (refusal !== undefined) return refused(refusal)
  const accepted: Submission = { kind: 'accepted', hash: tx.hash }
  const mined = miner.arrived()
  if (mined === undefined) return accepted
  return mined.then(
    () => accepted,
    (error: unknown) => {
      // Who is told of a failure may send it again.
      if (dev.pool.remove(tx.hash)) throw error
      return accepted
    },
  )
}

function refusalOf(answer: SubmitAnswer, tx: Transaction): Refusal | undefined {
  switch (answer.kind) {
    case 'accepted':
      return undefined
    case 'rejected':
      return answer
    case 'alreadyKnown':
      return { kind: 'alreadyKnown', hash: tx.hash }
    case 'underpriced':
      return { kind: 'replacementUnderpriced', hash: tx.hash, neededFeeWei: answer.neededFeeWei }
    case 'full':
      return { kind: 'poolFull', limit: answer.limit }
  }
}

function refused(refusal: Refusal): Submission {
  return { kind: 'refused', refusal }
}
