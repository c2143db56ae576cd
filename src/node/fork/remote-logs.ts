import {
  type JsonObject,
  readAddress,
  readBytes,
  readHash,
  readNumber,
  readObject,
} from '../../model/genesis-read.ts'
import { DecodeError } from '../../model/codec/field.ts'
import { toQuantity } from '../../primitives/hex.ts'
import type { Json, LocatedLog, LogCriteria } from '../../rpc/backend.ts'
import type { RemoteBlock } from './remote-block.ts'
import { RemoteError } from './remote.ts'

/** Logs of the remote chain's blocks `from` to `to`, both included, none after the one that is forked. @throws {RemoteError} */
export async function remoteLogs(
  block: RemoteBlock,
  from: bigint,
  to: bigint,
  { addresses, topics }: LogCriteria,
): Promise<readonly LocatedLog[]> {
  const filter = {
    fromBlock: toQuantity(from),
    toBlock: toQuantity(to),
    ...(addresses.length > 0 && { address: addresses }),
    ...(topics.length > 0 && { topics }),
  }
  const key = `eth_getLogs ${JSON.stringify(filter)}`
  const answer = block.cache.get(key) ?? (await block.remote.ask('eth_getLogs', [filter]))
  if (!Array.isArray(answer)) {
    throw new RemoteError(
      `the remote chain at ${block.remote.name} answers eth_getLogs with no list`,
    )
  }
  block.cache.set(key, answer)
  const logs = answer as readonly Json[]
  return Promise.all(logs.map((log, index) => readLog(block, log, `log ${index}`)))
}

async function readLog(block: RemoteBlock, value: Json, path: string): Promise<LocatedLog> {
  try {
    const log = readObject(value, path)
    const number = (key: string): bigint => readNumber(log[key], `${path}.${key}`, 64)
    const topics = Array.isArray(log['topics']) ? (log['topics'] as readonly unknown[]) : []
    const blockNumber = number('blockNumber')
    return {
      log: {
        address: readAddress(log['address'], `${path}.address`),
        topics: topics.map((topic) => readHash(topic, `${path}.topics`)),
        data: readBytes(log['data'], `${path}.data`, Number.MAX_SAFE_INTEGER),
      },
      blockHash: readHash(log['blockHash'], `${path}.blockHash`),
      blockNumber,
      blockTimestamp: await timestampOf(block, log, blockNumber),
      transactionHash: readHash(log['transactionHash'], `${path}.transactionHash`),
      transactionIndex: Number(number('transactionIndex')),
      logIndex: Number(number('logIndex')),
      removed: false,
    }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw new RemoteError(
      `the remote chain at ${block.remote.name} answers with an odd log: ${error.message}`,
    )
  }
}

/** Not every node says it with the log. */
async function timestampOf(block: RemoteBlock, log: JsonObject, number: bigint): Promise<bigint> {
  const told = log['blockTimestamp']
  const found = told ?? readObject(await block.block(number), 'block')['timestamp']
  return readNumber(found, 'blockTimestamp', 64)
}
