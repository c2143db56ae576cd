import type { Json } from '../backend.ts'
import type { BlockRef } from '../block-ref.ts'
import type { AccessListDifference, NotRerun, Shown } from '../parallel-port.ts'
import { blockAccessList, blockAccessListOut } from '../codec/block-access-list.ts'
import { blockRef } from '../codec/block-ref.ts'
import { boolean, fieldsOf, listOf, oneOf, text } from '../codec/decoder.ts'
import { type Encoder, bytesOut, jsonOut, nullable, objectOut } from '../codec/encoder.ts'
import { parallelConfig } from '../codec/parallel-config.ts'
import { atLeastOne, count, hash } from '../codec/scalar.ts'
import { CODE, RpcError, invalidParams, serverError } from '../error.ts'
import { type MethodTable, method, optional, param } from '../method.ts'

/** Numbers in it are JSON numbers. */
function reportOut(title: string): Encoder<Json> {
  return { ...jsonOut, schema: { title, type: 'object' } }
}

const block = param('block', blockRef)

const differenceOut = objectOut(
  'access list check',
  (difference: AccessListDifference | undefined) => ({
    equal: difference === undefined,
    difference: difference === undefined ? null : { ...difference },
  }),
)

function nameOf(ref: BlockRef): string {
  return ref.kind === 'tag' ? ref.tag : ref.kind === 'hash' ? ref.hash : `#${ref.number}`
}

function isPending(ref: BlockRef): boolean {
  return ref.kind === 'tag' && ref.tag === 'pending'
}

/** Why nothing is said of the block, with the codes of execution-apis. */
export function notRerun(outcome: NotRerun, ref: BlockRef): RpcError {
  const name = nameOf(ref)
  switch (outcome.kind) {
    case 'unknownBlock':
      return serverError(`block ${name} not found`)
    case 'first':
      return new RpcError(
        CODE.resourceNotFound,
        `Resource not found: block ${name} is the chain's first, nothing was executed for it`,
      )
    case 'noState':
      return new RpcError(
        CODE.prunedHistory,
        `Pruned history unavailable: the state that block ${name} ran on is not kept`,
      )
    case 'differs':
      return serverError(`block ${name} does not run as it did: ${outcome.detail}`)
    case 'notRecorded':
      return new RpcError(
        CODE.resourceNotFound,
        `Resource not found: this engine records no access lists before Amsterdam, start with --engine wasm`,
      )
  }
}

/** Made to be JSON. @throws {RpcError} when there is nothing to show */
function shown(outcome: Shown | NotRerun, ref: BlockRef): Json {
  if (outcome.kind === 'shown') return outcome.value as Json
  if (outcome.kind === 'refused') throw invalidParams(outcome.reason)
  if (outcome.kind !== 'unknownName') throw notRerun(outcome, ref)
  const { name, known } = outcome
  throw invalidParams(`\`options.${name}\`: not known here; there are ${known.join(', ')}`)
}

/** @throws {RpcError} since it is mined anew with each transaction that comes */
function refusePending(ref: BlockRef): void {
  if (isPending(ref)) throw serverError('block pending not found: it is not mined yet')
}

/** Of a block, in what is said of one. */
const MOST_TRANSACTIONS = 100_000

const dependencyOptions = fieldsOf({ format: text })
const replayFields = {
  executor: text,
  workers: atLeastOne(64),
  seed: count(2 ** 31 - 1),
  hints: oneOf('recorded', 'declared'),
  dependencies: listOf(listOf(count(MOST_TRANSACTIONS), MOST_TRANSACTIONS), MOST_TRANSACTIONS),
  blockAccessList,
}
const replayOptions = fieldsOf(replayFields)
const traceExportOptions = fieldsOf({ ...replayFields, policy: text, cores: atLeastOne(1024) })

const certificateOptions = fieldsOf({ proofs: boolean })

/** Block access lists (EIP-7928). Before Amsterdam they are an extension: no header has their hash. */
export const parallel: MethodTable = {
  eth_getBlockAccessList: method(
    [block],
    nullable(blockAccessListOut),
    async ({ backend }, ref) => {
      if (isPending(ref)) return undefined
      const found = await backend.parallel.accessList(ref)
      if (found.kind === 'unknownBlock') return undefined
      if (found.kind !== 'listed') throw notRerun(found, ref)
      return found.accounts
    },
  ),
  debug_getRawBlockAccessList: method([block], bytesOut, async ({ backend }, ref) => {
    if (isPending(ref)) throw serverError('block pending not found: it has no list yet')
    const found = await backend.parallel.accessList(ref)
    if (found.kind !== 'listed') throw notRerun(found, ref)
    return found.encoded
  }),
  parallel_checkBlockAccessList: method(
    [block, param('blockAccessList', blockAccessList)],
    differenceOut,
    async ({ backend }, ref, given) => {
      if (isPending(ref)) throw serverError('block pending not found: it has no list yet')
      const checked = await backend.parallel.checkAccessList(ref, given)
      if (checked.kind !== 'checked') throw notRerun(checked, ref)
      return checked.difference
    },
  ),
  parallel_getDependencies: method(
    [block, optional('options', dependencyOptions, {})],
    reportOut('dependencies'),
    async ({ backend }, ref, { format = 'dag' }) =>
      shown(await backend.parallel.dependencies(ref, format), ref),
  ),
  parallel_replayBlock: method(
    [block, optional('options', replayOptions, {})],
    reportOut('replay'),
    async ({ backend }, ref, options) => {
      refusePending(ref)
      return shown(await backend.parallel.replay(ref, options), ref)
    },
  ),
  parallel_diffExecution: method(
    [block, optional('options', replayOptions, {})],
    reportOut('difference of executions'),
    async ({ backend }, ref, options) => {
      refusePending(ref)
      return shown(await backend.parallel.diffExecution(ref, options), ref)
    },
  ),
  parallel_exportTrace: method(
    [block, optional('options', traceExportOptions, {})],
    reportOut('Chrome trace'),
    async ({ backend }, ref, options) => {
      refusePending(ref)
      return shown(await backend.parallel.exportTrace(ref, options), ref)
    },
  ),
  parallel_getCertificate: method(
    [block, optional('options', certificateOptions, {})],
    reportOut('certificate'),
    async ({ backend }, ref, { proofs = false }) => {
      refusePending(ref)
      return shown(await backend.parallel.certificate(ref, { proofs }), ref)
    },
  ),
  parallel_getConfig: method(
    [],
    reportOut('parallel configuration'),
    ({ backend }) => backend.parallel.config() as Json,
  ),
  parallel_setConfig: method(
    [param('config', parallelConfig)],
    reportOut('parallel configuration'),
    ({ backend }, config) => {
      const set = backend.parallel.setConfig(config)
      if (set.kind === 'shown') return set.value as Json
      if (set.kind === 'refused') throw invalidParams(set.reason)
      throw invalidParams(
        `\`config.${set.name}\`: not known here; there are ${set.known.join(', ')}`,
      )
    },
  ),
  parallel_getBlockReport: method([block], reportOut('block report'), async ({ backend }, ref) =>
    shown(await backend.parallel.blockReport(ref), ref),
  ),
  parallel_getExecution: method([block], reportOut('execution'), ({ backend }, ref) => {
    refusePending(ref)
    return shown(backend.parallel.execution(ref), ref)
  }),
  parallel_getTransactionReport: method(
    [param('transactionHash', hash)],
    reportOut('transaction report'),
    async ({ backend }, wanted) => {
      const place = backend.chain.transaction(wanted)?.place
      if (place === undefined) throw serverError(`transaction ${wanted} is in no block`)
      const ref = { kind: 'number', number: place.header.number } as const
      return shown(await backend.parallel.transactionReport(wanted), ref)
    },
  ),
}
