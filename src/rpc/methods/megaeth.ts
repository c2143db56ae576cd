import type { Address } from '../../primitives/hex.ts'
import type { Backend, Json, LocatedLog } from '../backend.ts'
import { LATEST } from '../codec/block-ref.ts'
import { callFields } from '../codec/call-fields.ts'
import { fieldsOf, mapped, text } from '../codec/decoder.ts'
import { bytesOut, jsonOut } from '../codec/encoder.ts'
import { logFilter } from '../codec/log-filter.ts'
import { blockOverrides, stateOverrides } from '../codec/overrides.ts'
import { encodeLog } from '../codec/receipt.ts'
import { address, count, uint64 } from '../codec/scalar.ts'
import { badParam, invalidParams, serverError } from '../error.ts'
import { failureError } from '../failure.ts'
import { type MethodTable, method, optional, param } from '../method.ts'
import { logsFor } from './eth-filters.ts'
import { ethTransactions } from './eth-transactions.ts'

const DEFAULT_WAIT_MS = 3_000
const MAX_WAIT_MS = 60_000
/** Logs in one answer. */
const PAGE = 10_000

const after = mapped(
  fieldsOf({ account: address, nonce: uint64, timeout: count(MAX_WAIT_MS) }),
  ({ account, nonce, timeout = DEFAULT_WAIT_MS }, path) => {
    if (nonce === undefined) throw invalidParams(`\`${path}.nonce\`: missing, it is required`)
    return { account, nonce, timeout }
  },
)

/** Resolves once the account has sent so many transactions. @throws {RpcError} when that takes longer than `timeoutMs` */
async function whenSent(
  { state, events }: Backend,
  account: Address,
  nonce: bigint,
  timeoutMs: number,
): Promise<void> {
  const hasSent = async (): Promise<boolean> =>
    ((await state.nonce(account, LATEST)) ?? 0n) >= nonce
  if (await hasSent()) return
  await new Promise<void>((resolve, reject) => {
    const finish = (end: () => void): void => {
      clearTimeout(timer)
      stop()
      end()
    }
    const stop = events.listen(({ kind }) => {
      if (kind !== 'block' && kind !== 'miniBlock') return
      void hasSent().then(
        (is) => is && finish(resolve),
        (error) => finish(() => reject(error)),
      )
    })
    const timer = setTimeout(() => {
      const reason = `the nonce of ${account} did not reach ${nonce} within ${timeoutMs} ms`
      finish(() => reject(serverError(reason)))
    }, timeoutMs)
  })
}

/** A place between two logs as a page's end states it. */
const cursor = mapped(text, (value, path) => {
  const found = /^(\d+)-(\d+)$/.exec(value)
  if (found === null) throw badParam(path, 'a cursor of an earlier answer', value)
  return { blockNumber: BigInt(found[1]!), logIndex: Number(found[2]) }
})
const cursorField = fieldsOf({ cursor })

function isAfter(log: LocatedLog, at: ReturnType<typeof cursor.decode>): boolean {
  if (log.blockNumber !== at.blockNumber) return log.blockNumber > at.blockNumber
  return log.logIndex > at.logIndex
}

/** MegaETH's own names. */
export const megaeth: MethodTable = {
  realtime_sendRawTransaction: ethTransactions['eth_sendRawTransactionSync']!,
  /** A call on the newest state once an account's nonce is there: its last transaction has been executed. */
  eth_callAfter: method(
    [
      param('transaction', callFields),
      param('after', after),
      optional('stateOverrides', stateOverrides),
      optional('blockOverrides', blockOverrides),
    ],
    bytesOut,
    async (context, fields, wanted, states, block) => {
      const account = wanted.account ?? fields.from
      if (account === undefined) throw invalidParams('`after.account`: missing, and so is `from`')
      await whenSent(context.backend, account, wanted.nonce, wanted.timeout)
      const result = await context.backend.execution.call(fields, {
        at: LATEST,
        stateOverrides: states,
        blockOverrides: block,
      })
      if (result.kind === 'success') return result.output
      throw await failureError(context, result, LATEST)
    },
  ),
  /** Logs a page at a time; the last has no cursor. */
  eth_getLogsWithCursor: method(
    [
      param('filter', {
        schema: { type: 'object' },
        decode: (value, path) => ({
          filter: logFilter.decode(value, path),
          from: cursorField.decode(value, path).cursor,
        }),
      }),
    ],
    jsonOut,
    async (context, { filter, from }): Promise<Json> => {
      const all = await logsFor(context, filter)
      const rest = from === undefined ? all : all.filter((log) => isAfter(log, from))
      const page = rest.slice(0, PAGE)
      const last = page.at(-1)
      const isWhole = page.length === rest.length
      return {
        logs: page.map(encodeLog),
        ...(!isWhole && last && { cursor: `${last.blockNumber}-${last.logIndex}` }),
      }
    },
  ),
}
