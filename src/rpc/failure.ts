import { describeRejection } from '../model/rejection.ts'
import { bytesToHex } from '../primitives/hex.ts'
import type { Control, Refusal, Submission } from './backend.ts'
import type { CallFailure } from './call-port.ts'
import type { BlockRef } from './block-ref.ts'
import { CODE, RpcError, invalidParams, serverError } from './error.ts'
import type { Context } from './method.ts'
import { revertMessage } from './revert.ts'

/** The error for a transaction that the pool did not take. */
export function refusalError(refusal: Refusal): RpcError {
  switch (refusal.kind) {
    case 'rejected':
      return serverError(describeRejection(refusal.rejection))
    case 'undecodable':
      return undecodable('transaction', refusal.detail)
    case 'alreadyKnown':
      return serverError(`already known: ${refusal.hash}`)
    case 'replacementUnderpriced':
      return serverError(
        `replacement transaction underpriced: needs ${refusal.neededFeeWei} wei per gas to replace ${refusal.hash}`,
      )
    case 'poolFull':
      return serverError(`txpool is full: it holds ${refusal.limit} transactions`)
    case 'unknownAccount':
      return serverError(`unknown account: ${refusal.address}`, {
        hint: `this node has no key for it; anvil_impersonateAccount lets it send without one`,
      })
    case 'sidecar':
      return serverError(`invalid blob sidecar: ${refusal.detail}`)
  }
}

/** Bytes at `path` that are no transaction. @param detail from the decoder, which says `transaction: …` or ``transaction field `v`: …`` */
export function undecodable(path: string, detail: string): RpcError {
  const [, field, rest] = /^transaction(?: field `(\w+)`)?: (.*)$/s.exec(detail) ?? []
  return invalidParams(`\`${field === undefined ? path : `${path}.${field}`}\`: ${rest ?? detail}`)
}

/** The hash of an accepted transaction. @throws {RpcError} when it was refused. */
export function accepted(
  submission: Submission,
): Extract<Submission, { kind: 'accepted' }>['hash'] {
  if (submission.kind === 'refused') throw refusalError(submission.refusal)
  return submission.hash
}

/** The error for a call that did not return. `at` names the block whose state was asked for. */
export async function failureError(
  context: Context,
  failure: CallFailure,
  at: BlockRef,
): Promise<RpcError> {
  switch (failure.kind) {
    case 'revert': {
      const { output, meaning } = failure
      const text = meaning?.text
      const message = text === undefined ? revertMessage(output) : `execution reverted: ${text}`
      return new RpcError(CODE.revert, message, bytesToHex(output), meaning?.stack)
    }
    case 'halt': {
      const { stack = [] } = failure.meaning ?? {}
      const data = stack.length === 0 ? undefined : { trace: stack }
      return new RpcError(CODE.server, failure.reason, data, stack)
    }
    case 'rejected':
      return serverError(describeRejection(failure.rejection))
    case 'noState':
      return noStateError(context, at)
  }
}

/** Why there is no state at `ref`: no such block, not on the canonical chain, or its state is gone. */
export async function noStateError(context: Context, ref: BlockRef): Promise<RpcError> {
  const { chain } = context.backend
  if (ref.kind === 'hash') {
    const found = await chain.block({ ...ref, requireCanonical: false })
    if (found === undefined) return serverError(`header for hash not found: ${ref.hash}`)
    if (ref.requireCanonical && (await chain.block(ref)) === undefined) {
      return serverError(`hash is not currently canonical: ${ref.hash}`)
    }
  } else if ((await chain.block(ref)) === undefined) {
    const asked = ref.kind === 'tag' ? `"${ref.tag}"` : `block ${ref.number}`
    return serverError(
      `header not found: ${asked}; the head is block ${chain.head().header.number}`,
    )
  }
  const number = (await chain.block(ref))?.block.header.number
  const { keptStates } = context.backend.info()
  if (keptStates === Number.POSITIVE_INFINITY) {
    return serverError(
      `state not available: that of block ${number} was pruned, or the block was loaded without it`,
    )
  }
  return serverError(
    `state not available: the state of block ${number} is not kept any longer; this node keeps those of the newest ` +
      `${keptStates} blocks (--history ${keptStates})`,
  )
}

/** What a read of state found. @throws {RpcError} when there is no such state. */
export async function stateAt<T>(
  context: Context,
  ref: BlockRef,
  read: Promise<T | undefined>,
): Promise<T> {
  const value = await read
  if (value === undefined) throw await noStateError(context, ref)
  return value
}

/** The value of a cheat that was done. @throws {RpcError} with the reason it was refused for. */
export function done<T>(control: Control<T>): T {
  if (control.kind === 'refused') throw invalidParams(control.reason)
  return control.value
}
