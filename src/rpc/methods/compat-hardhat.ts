import { hexToBytes } from '../../primitives/hex.ts'
import { callFields } from '../codec/call-fields.ts'
import { type CallFrame, callsOf } from '../calls-of-address.ts'
import { type Decoder, fieldsOf, oneOrMany } from '../codec/decoder.ts'
import { type Encoder, booleanOut, hexOut, textOut } from '../codec/encoder.ts'
import { bytes, count, uint64 } from '../codec/scalar.ts'
import { CODE, RpcError, badParam, serverError } from '../error.ts'
import { accepted, done } from '../failure.ts'
import { type Context, type Method, type MethodTable, method, optional, param } from '../method.ts'
import { revertMessage } from '../revert.ts'
import type { Submission } from '../backend.ts'
import { cheatsMining } from './cheats-mining.ts'

/** Whose answers these are. */
const HARDHAT = '3.18.0'
/** Timers hold 2^31 - 1 milliseconds at most. */
const MAX_MS = 2 ** 31 - 1

/** Hardhat's milliseconds: one number, or the least and the most. */
const interval: Decoder<readonly [least: number, most: number]> = {
  schema: { oneOf: [{ type: 'integer' }, { type: 'array' }] },
  decode(value, path) {
    const [least, most, ...rest] = oneOrMany(count(MAX_MS)).decode(value, path)
    if (least === undefined || rest.length > 0 || (most !== undefined && most < least)) {
      throw badParam(path, 'milliseconds, or [least, most]', value)
    }
    return [least, most ?? least]
  },
}

/** `true` for whatever the inner method answers. */
function affirming(inner: Method | undefined): Method {
  return {
    ...inner!,
    result: booleanOut.schema,
    async call(context, args) {
      await inner!.call(context, args)
      return true
    },
  }
}

/**
 * Sends, and when the transaction was mined at once and failed, fails too, with its revert data, as Hardhat's node does.
 * @throws {RpcError}
 */
async function sendOrThrow(context: Context, submission: Promise<Submission>): Promise<string> {
  const hash = accepted(await submission)
  const receipt = context.backend.chain.receipt(hash)?.receipt
  if (receipt === undefined || !('success' in receipt.outcome) || receipt.outcome.success)
    return hash
  const explained = await context.backend.inspect.explain(hash)
  const inferred = explained.kind === 'explained' ? explained.failure?.message : undefined
  throw failureOf(await callsOf(context, hash), hash, inferred)
}

/** @param inferred why it reverted without data */
function failureOf({ error, output }: CallFrame, hash: string, inferred?: string): RpcError {
  if (error !== 'execution reverted') return serverError(error ?? 'failed', { txHash: hash })
  const data = hexToBytes(output ?? '0x')
  const isSilent = data.length === 0 && inferred !== undefined
  const message = isSilent ? `execution reverted: ${inferred}` : revertMessage(data)
  return new RpcError(CODE.revert, message, output ?? '0x')
}

const minedOut: Encoder<void> = { schema: textOut.schema, encode: () => '0' }
const mineOptions = fieldsOf({ timestamp: uint64, blocks: count(1_000_000) })

/** What Hardhat answers otherwise by names that it shares with Anvil, for `--compat hardhat`. */
export const compatHardhat: MethodTable = {
  /** hardhat-network-helpers work with nodes of this name, and with no others. */
  web3_clientVersion: method(
    [],
    textOut,
    ({ backend }) => `HardhatNetwork/${HARDHAT}/${backend.info().clientVersion}`,
  ),
  evm_increaseTime: method([param('seconds', uint64)], textOut, ({ backend }, more) =>
    backend.control.increaseTime(more).toString(),
  ),
  evm_setNextBlockTimestamp: method([param('timestamp', uint64)], textOut, ({ backend }, time) => {
    done(backend.control.setNextBlockTimestamp(time))
    return time.toString()
  }),
  evm_mine: method(
    [
      optional('options', {
        schema: { oneOf: [uint64.schema, mineOptions.schema] },
        decode: (value, path) =>
          typeof value === 'object'
            ? mineOptions.decode(value, path)
            : { timestamp: uint64.decode(value, path) },
      } satisfies Decoder<ReturnType<typeof mineOptions.decode>>),
    ],
    minedOut,
    async ({ backend }, options) => {
      done(await backend.control.mine({ ...options, blocks: options?.blocks ?? 1 }))
    },
  ),
  evm_setAutomine: affirming(cheatsMining['evm_setAutomine']),
  /** Automine and interval mining are two things here, and 0 ends the second. */
  evm_setIntervalMining: method(
    [param('interval', interval)],
    booleanOut,
    async ({ backend }, [least, most]) => {
      const wasAutomine = backend.control.isAutomine()
      backend.control.setIntervalMs(least, most)
      if (wasAutomine) await backend.control.setAutomine(true)
      return true
    },
  ),
  eth_sendTransaction: method([param('transaction', callFields)], hexOut, (context, fields) =>
    sendOrThrow(context, context.backend.pool.submit(fields)),
  ),
  eth_sendRawTransaction: method([param('transaction', bytes)], hexOut, (context, raw) =>
    sendOrThrow(context, context.backend.pool.submitRaw(raw)),
  ),
}
