import { describe, expect, it } from 'vitest'
import type { Archive } from '../../src/chain/archive.ts'
import { History } from '../../src/chain/history.ts'
import type { LiveRecord, LogEntry } from '../../src/chain/block-record.ts'
import { ANY_LOG, type LogFilter, logsOf } from '../../src/chain/log-filter.ts'
import { bloomOf } from '../../src/model/bloom.ts'
import { blockSize } from '../../src/model/codec/block.ts'
import { headerHash } from '../../src/model/codec/header.ts'
import { impersonate } from '../../src/model/signer.ts'
import type { Log, Receipt } from '../../src/model/receipt.ts'
import { type Address, type Hash, ZERO_HASH } from '../../src/primitives/hex.ts'
import { createGenesis } from '../../src/chain/genesis.ts'
import { CodeStore } from '../../src/state/codes.ts'
import { type Version, applyChanges } from '../../src/state/world.ts'
import { CHAIN_ID, genesisAt, transferFields } from '../support/dev-chain.ts'

/** Opens the archive again as a later process would find it. */
export interface Opened {
  readonly archive: Archive
  /** Without accounts: where states live that the archive takes. In memory if left out. */
  readonly world?: Version
  reopen(): Promise<Opened>
}

const word = (value: number): Hash => `0x${value.toString(16).padStart(64, '0')}` as Hash
const account = (value: number): Address => `0x${value.toString(16).padStart(40, '0')}` as Address
const SENDER = account(0xbeef)

/** A block upon `parent` with one transaction a list of logs, and a state of its own. */
function blockOn(parent: LiveRecord, logs: readonly (readonly Log[])[], salt = 0): LiveRecord {
  const number = parent.block.header.number + 1n
  const transactions = logs.map((_, index) => {
    const nonce = number * 100n + BigInt(index)
    return impersonate({ ...transferFields(nonce), chainId: CHAIN_ID }, SENDER)
  })
  const changes = {
    accounts: new Map([
      [account(1), { life: 'created' as const, balanceWei: number, nonce: BigInt(salt) }],
    ]),
    codes: new Map(),
  }
  const version = applyChanges(parent.version, changes)
  const receipts = logs.map((each, index): Receipt => ({
    type: 2,
    outcome: { success: index % 2 === 0 },
    cumulativeGasUsed: BigInt(21_000 * (index + 1)),
    logsBloom: bloomOf(each),
    logs: each,
    gasUsed: 21_000n,
    effectiveGasPriceWei: 7n,
    contractAddress: null,
  }))
  const header = {
    ...parent.block.header,
    parentHash: parent.block.hash,
    number,
    timestamp: parent.block.header.timestamp + 1n,
    stateRoot: version.stateRoot,
    logsBloom: bloomOf(logs.flat()),
  }
  const body = { header, transactions, ommers: [], withdrawals: [] }
  const block = { ...body, hash: headerHash(header), sizeBytes: blockSize(body) }
  return { block, receipts, totalDifficulty: 0n, version }
}

function logAt(number: number, index: number): Log {
  const topics = [word(1), word(1000 + ((number * 7 + index) % 5)), word(number)]
  return {
    address: account(0xc0 + (index % 3)),
    topics: topics.slice(0, 1 + (index % 3)),
    data: new Uint8Array(index).fill(number),
  }
}

function logsAt(number: number): Log[][] {
  if (number % 3 === 0) return []
  return [[], [logAt(number, 0), logAt(number, 1)], [logAt(number, 2)]]
}

/** With the fields of the log as they are. */
function plain({ log: { address, topics, data }, ...place }: LogEntry): LogEntry {
  return { ...place, log: { address, topics, data } }
}

const FILTERS: readonly LogFilter[] = [
  ANY_LOG,
  { addresses: [account(0xc1)], topics: [] },
  { addresses: [account(0xc0), account(0xc2)], topics: [null, [word(1001), word(1003)]] },
  { addresses: [], topics: [[word(1)], null, [word(1030), word(4)]] },
  { addresses: [], topics: [null, null, null] },
  { addresses: [account(0xdd)], topics: [[word(1)]] },
  { addresses: [account(0xc0)], topics: [[], [word(2)]] },
]

/** What every place for a chain does. @param open a new, empty one that keeps so many states */
export function archiveContract(name: string, open: (states?: number) => Promise<Opened>): void {
  let genesis: LiveRecord
  const historyIn = ({ archive, world }: Opened): History => {
    const { block, version } = createGenesis(genesisAt('osaka'), new CodeStore(), world)
    genesis = { block, receipts: [], totalDifficulty: 0n, version }
    return new History(archive, () => genesis)
  }
  function grow(history: History, records: LiveRecord[], count: number, salt = 0): void {
    for (let at = 0; at < count; at++) {
      const parent = history.head
      const record = blockOn(parent, logsAt(Number(parent.block.header.number) + 1), salt)
      history.append(record)
      records.push(record)
    }
  }
  function expectAll(history: History, records: readonly LiveRecord[]): void {
    expect(history.head.block).toEqual(records.at(-1)!.block)
    for (const record of [records[0]!, records[Math.floor(records.length / 2)]!, records.at(-1)!]) {
      const { number } = record.block.header
      expect(history.byNumber(number)?.block).toEqual(record.block)
      expect(history.byNumber(number)?.receipts).toEqual(record.receipts)
      expect(history.byHash(record.block.hash)?.block.hash).toBe(record.block.hash)
      expect(history.hashOf(number)).toBe(record.block.hash)
      for (const [index, tx] of record.block.transactions.entries()) {
        expect(history.place(tx.hash)).toMatchObject({
          index,
          record: { block: { hash: record.block.hash } },
        })
        const found = history.bySenderAndNonce(SENDER, tx.nonce)
        expect(found?.record.block.transactions[found.index]?.hash).toBe(tx.hash)
      }
    }
    const last = history.head.block.header.number
    for (const filter of FILTERS) {
      for (const [from, to] of [
        [0n, last],
        [last / 3n, last / 2n],
        [last - 1n, last + 9n],
      ] as const) {
        const inRange = records.filter(
          ({ block }) => block.header.number >= from && block.header.number <= to,
        )
        expect(history.logs(from, to, filter).map(plain)).toEqual(
          inRange.flatMap((it) => logsOf(it, filter)),
        )
      }
    }
  }

  describe(`${name} keeps a chain`, () => {
    it('gives back blocks, receipts, places and logs', async () => {
      const opened = await open()
      const history = historyIn(opened)
      const records: LiveRecord[] = []
      grow(history, records, 40)
      expectAll(history, records)
      expectAll(historyIn(await opened.reopen()), records)
    })

    it('finds logs over many blocks, however often it is opened in between', async () => {
      let opened = await open()
      const records: LiveRecord[] = []
      for (const count of [1000, 30, 1020, 100]) {
        grow(historyIn(opened), records, count)
        opened = await opened.reopen()
      }
      expectAll(historyIn(opened), records)
    })

    it('takes back blocks across what it had put away, and grows another way', async () => {
      const opened = await open()
      const history = historyIn(opened)
      const records: LiveRecord[] = []
      grow(history, records, 1100)
      const removed = history.truncate(900n)
      expect(removed.map(({ block }) => block.hash)).toEqual(
        records.slice(900).map(({ block }) => block.hash),
      )
      expect(history.place(records[1000]!.block.transactions[0]!.hash)).toBeUndefined()
      expect(history.byHash(records[1000]!.block.hash)).toBeUndefined()
      records.length = 900
      expectAll(history, records)
      grow(history, records, 300, 5)
      expectAll(history, records)
      expectAll(historyIn(await opened.reopen()), records)
    })

    it('answers from the newest states alone when it is told so, and from the first', async () => {
      const opened = await open(8)
      const history = historyIn(opened)
      const records: LiveRecord[] = []
      grow(history, records, 30)
      for (const each of [history, historyIn(await opened.reopen())]) {
        expect(each.byNumber(30n)?.version?.stateRoot).toBe(records[29]!.version.stateRoot)
        expect(each.byNumber(24n)?.version?.stateRoot).toBe(records[23]!.version.stateRoot)
        expect(each.byNumber(10n)?.version).toBeUndefined()
        expect(each.byNumber(0n)?.version?.stateRoot).toBe(genesis.version.stateRoot)
        expect(each.hasState(10n)).toBe(false)
      }
    })

    it('takes another state for its head', async () => {
      const opened = await open()
      const history = historyIn(opened)
      const records: LiveRecord[] = []
      grow(history, records, 3)
      history.setHeadState(genesis.version)
      expect(history.head.version.stateRoot).toBe(genesis.version.stateRoot)
      const again = historyIn(await opened.reopen())
      expect(again.head.version.stateRoot).toBe(genesis.version.stateRoot)
      expect(again.head.block).toEqual(records[2]!.block)
    })

    it('puts another chain in the place of its own', async () => {
      const opened = await open()
      const history = historyIn(opened)
      const records: LiveRecord[] = []
      grow(history, records, 50)
      const hash = records[20]!.block.transactions[0]?.hash ?? ZERO_HASH
      const base = blockOn(records[9]!, [], 3)
      const more = [blockOn(base, logsAt(4))]
      more.push(blockOn(more[0]!, logsAt(5)))
      history.replace([base, more[0]!], more[1]!)
      for (const each of [history, historyIn(await opened.reopen())]) {
        expect(each.genesis.block).toEqual(base.block)
        expect(each.place(hash)).toBeUndefined()
        expect(each.byNumber(5n)).toBeUndefined()
        expectAll(each, [base, ...more])
      }
    })
  })
}
