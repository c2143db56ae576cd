import { blockSize } from '../../src/model/codec/block.ts'
import { headerHash } from '../../src/model/codec/header.ts'
import type { Block, Header } from '../../src/model/block.ts'
import { configAtFork } from '../../src/model/fork.ts'
import type { Transaction } from '../../src/model/transaction.ts'
import {
  type Address,
  type Hash,
  ZERO_ADDRESS,
  ZERO_HASH,
  bytesToHex,
} from '../../src/primitives/hex.ts'
import { EMPTY_CODE_HASH, EMPTY_LIST_HASH, EMPTY_ROOT } from '../../src/primitives/keccak.ts'
import type { Backend, ChainEvent, Control, LocatedLog } from '../../src/rpc/backend.ts'
import type { BlockRef } from '../../src/rpc/block-ref.ts'

/** A backend for tests of the wire only: empty blocks, one balance, no execution. The real node is tested elsewhere. */
export interface WireBackend extends Backend {
  /** Tells listeners of a log in a new block. */
  announceLog(log: LocatedLog): void
  announcePooled(transaction: Transaction): void
  /** What the cheats were asked, in order. */
  readonly asked: string[]
}

export const ALICE = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266' as Address
export const BALANCE_WEI = 10n ** 22n

function emptyBlock(number: bigint, parentHash: Hash): Block {
  const header: Header = {
    parentHash,
    ommersHash: EMPTY_LIST_HASH,
    beneficiary: ZERO_ADDRESS,
    stateRoot: EMPTY_ROOT,
    transactionsRoot: EMPTY_ROOT,
    receiptsRoot: EMPTY_ROOT,
    logsBloom: new Uint8Array(256),
    difficulty: 0n,
    number,
    gasLimit: 30_000_000n,
    gasUsed: 0n,
    timestamp: 1_700_000_000n + number,
    extraData: new Uint8Array(0),
    mixHash: ZERO_HASH,
    nonce: new Uint8Array(8),
    baseFeePerGasWei: 1_000_000_000n,
    withdrawalsRoot: EMPTY_ROOT,
  }
  const body = { header, transactions: [], ommers: [], withdrawals: [] }
  return { hash: headerHash(header), ...body, sizeBytes: blockSize(body) }
}

export function wireBackend(): WireBackend {
  const blocks = [emptyBlock(0n, ZERO_HASH)]
  const listeners = new Set<(event: ChainEvent) => void>()
  const asked: string[] = []
  let config = configAtFork('shanghai', 31337n)
  let automine = true
  let intervalMs = 0
  const head = (): Block => blocks.at(-1)!
  const emit = (event: ChainEvent): void => {
    for (const listener of listeners) listener(event)
  }
  function find(ref: BlockRef): Block | undefined {
    if (ref.kind === 'number') return blocks[Number(ref.number)]
    if (ref.kind === 'hash') return blocks.find((block) => block.hash === ref.hash)
    if (ref.tag === 'pending') return emptyBlock(head().header.number + 1n, head().hash)
    return ref.tag === 'latest' ? head() : blocks[0]
  }
  function mine(count: number): Block[] {
    const mined: Block[] = []
    for (let made = 0; made < Math.min(count, 100); made++) {
      const block = emptyBlock(head().header.number + 1n, head().hash)
      blocks.push(block)
      mined.push(block)
      emit({ kind: 'block', block, logs: [], receipts: () => [], changes: () => [] })
    }
    return mined
  }
  const done = <T>(value: T): Control<T> => ({ kind: 'done', value })
  const noted = async (what: string): Promise<Control<void>> => {
    asked.push(what)
    return done(undefined)
  }
  const notedNow = (what: string): Control<void> => {
    asked.push(what)
    return done(undefined)
  }
  const at = async <T>(ref: BlockRef, value: T): Promise<T | undefined> => find(ref) && value
  return {
    asked,
    announceLog: (log) => {
      emit({ kind: 'block', block: head(), logs: [log], receipts: () => [], changes: () => [] })
    },
    announcePooled: (transaction) => {
      emit({ kind: 'pooled', transaction })
    },
    chain: {
      get config() {
        return config
      },
      head,
      block: async (ref) => {
        const block = find(ref)
        return block && { block, pending: ref.kind === 'tag' && ref.tag === 'pending' }
      },
      transaction: () => undefined,
      receipt: () => undefined,
      receipts: () => [],
      logs: () => [],
      logsOfBlock: () => [],
      transactionBySenderAndNonce: () => undefined,
    },
    state: {
      balance: (address, ref) => at(ref, address === ALICE ? BALANCE_WEI : 0n),
      nonce: (_, ref) => at(ref, 0n),
      code: (_, ref) => at(ref, new Uint8Array(0)),
      slot: (_, key, ref) => at(ref, BigInt(key)),
      proof: (_, keys, ref) =>
        at(ref, {
          balanceWei: 0n,
          nonce: 0n,
          codeHash: EMPTY_CODE_HASH,
          storageHash: EMPTY_ROOT,
          accountProof: [],
          storageProof: keys.map((key) => ({ key, value: 0n, proof: [] })),
        }),
    },
    fees: {
      gasPriceWei: () => 2_000_000_000n,
      maxPriorityFeePerGasWei: () => 1_000_000_000n,
      nextBaseFeeWei: () => 875_000_000n,
      nextBlobBaseFeeWei: () => 1n,
      history: async () => undefined,
    },
    pool: {
      submitRaw: async () => ({
        kind: 'refused',
        refusal: { kind: 'undecodable', detail: 'not a transaction' },
      }),
      submit: async (fields) => ({
        kind: 'refused',
        refusal: { kind: 'unknownAccount', address: fields.from ?? ZERO_ADDRESS },
      }),
      fill: async () => ({
        kind: 'refused',
        refusal: { kind: 'unknownAccount', address: ZERO_ADDRESS },
      }),
      content: () => ({ pending: [], queued: [] }),
      drop: () => false,
      dropAll: () => undefined,
      dropFrom: () => 0,
      sidecar: () => undefined,
    },
    accounts: { addresses: () => [ALICE], sign: () => undefined },
    execution: {
      call: async (fields) => {
        if (fields.data?.length === 4) return { kind: 'revert', output: fields.data }
        return { kind: 'success', output: fields.data ?? new Uint8Array(0) }
      },
      estimateGas: async () => ({ kind: 'estimated', gas: 21_000n }),
      accessList: async () => ({
        kind: 'listed',
        accessList: [],
        gasUsed: 21_000n,
        error: undefined,
      }),
      simulate: async () => ({ kind: 'simulated', blocks: [] }),
      buildPayload: async () => ({ kind: 'unknownParent' }),
      commitPayload: async () => ({ kind: 'unknownParent' }),
      traceTransaction: async () => ({ kind: 'notFound' }),
      traceCall: async () => ({ kind: 'unknownTracer', known: ['callTracer'] }),
      traceBlock: async () => [],
    },
    inspect: {
      historyOf: async () => ({ kind: 'history', entries: [] }),
      numberOf: () => 0n,
      runMany: async () => ({ kind: 'noState' }),
      account: async () => ({ kind: 'noState' }),
      slots: async () => ({ kind: 'noState' }),
      accounts: async () => ({ kind: 'noState' }),
      changesOf: async () => ({ kind: 'noState' }),
      changedAccounts: async () => ({ kind: 'noState' }),
      intermediateRoots: async () => ({ kind: 'noState' }),
      executionWitness: async () => ({ kind: 'noState' }),
      codeOf: () => undefined,
      explain: async () => ({ kind: 'unknownBlock' }),
    },
    verification: {
      check: async () => ({ kind: 'refused', reason: 'nothing is compiled here' }),
      verified: async () => undefined,
    },
    contracts: {
      at: async () => ({ kind: 'noState' }),
      find: async () => ({ contracts: [], complete: true }),
      nameStorage: async () => ({ kind: 'noState' }),
      nameWritten: async () => ({ kind: 'noState' }),
    },
    parallel: {
      accessList: async () => ({ kind: 'first' }),
      checkAccessList: async () => ({ kind: 'first' }),
      dependencies: async () => ({ kind: 'first' }),
      blockReport: async () => ({ kind: 'first' }),
      execution: () => ({ kind: 'first' }),
      transactionReport: async () => ({ kind: 'first' }),
      replay: async () => ({ kind: 'first' }),
      diffExecution: async () => ({ kind: 'first' }),
      exportTrace: async () => ({ kind: 'first' }),
      certificate: async () => ({ kind: 'first' }),
      config: () => ({}),
      setConfig: () => ({ kind: 'shown', value: {} }),
    },
    consensus: {
      status: () => ({ preset: 'instant', kind: 'miner', timing: '' }),
      timeline: () => ({
        preset: 'instant',
        nowMs: 0,
        epoch: 0,
        blocks: [],
        rounds: [],
        faults: [],
      }),
      injectFault: () => ({ kind: 'shown', value: {} }),
      advance: async () => ({ kind: 'shown', value: {} }),
    },
    profiler: {
      contention: async () => ({ kind: 'shown', value: {} }),
      explain: async () => ({ kind: 'shown', value: {} }),
      compare: async () => ({ kind: 'shown', value: {} }),
      simulateBundle: async () => ({ kind: 'shown', value: {} }),
      accessSet: async () => ({ kind: 'shown', value: {} }),
      checkAccessList: async () => ({ kind: 'shown', value: {} }),
      assertNoConflict: async () => ({ kind: 'shown', value: {} }),
      explainContract: async () => ({ kind: 'shown', value: {} }),
    },
    control: {
      setBalance: (address, wei) => noted(`setBalance ${address} ${wei}`),
      setCode: (address, code) => noted(`setCode ${address} ${code.length}`),
      setNonce: (address, nonce) => noted(`setNonce ${address} ${nonce}`),
      setSlot: (address, key, value) => noted(`setSlot ${address} ${key} ${value}`),
      impersonate: () => undefined,
      impersonateSignature: () => done(undefined),
      stopImpersonating: () => undefined,
      setAutoImpersonate: () => undefined,
      isAutomine: () => automine,
      setAutomine: (on) => {
        automine = on
        return Promise.resolve()
      },
      intervalMs: () => intervalMs,
      setIntervalMs: (ms) => {
        intervalMs = ms
      },
      mine: async (options) => done(mine(options.blocks).map(({ hash }) => hash)),
      snapshot: async () => 0n,
      revert: async (id) => id === 0n,
      increaseTime: (seconds) => seconds,
      setTime: (timestamp) => {
        asked.push(`setTime ${timestamp}`)
        return done(timestamp)
      },
      setNextBlockTimestamp: (timestamp) =>
        timestamp === 1n
          ? { kind: 'refused', reason: 'timestamp 1 is not after the head' }
          : notedNow(`setNextBlockTimestamp ${timestamp}`),
      setBlockTimestampInterval: () => true,
      setNextBlockBaseFee: (wei) => notedNow(`setNextBlockBaseFee ${wei}`),
      setMinGasPrice: () => ({ kind: 'refused', reason: 'not since London' }),
      setBlockGasLimit: (gas) => notedNow(`setBlockGasLimit ${gas}`),
      setCoinbase: () => undefined,
      setPrevRandao: () => undefined,
      setExtraData: () => undefined,
      addWithdrawal: () => noted('addWithdrawal'),
      setChainId: (chainId) => {
        config = { ...config, chainId }
      },
      setLoggingEnabled: () => undefined,
      dumpState: async (all) => {
        await noted(`dumpState ${all}`)
        return { kind: 'done', value: [Uint8Array.of(1, 2), Uint8Array.of(3)] }
      },
      loadState: (dump) => noted(`loadState ${bytesToHex(dump)}`),
      flush: async () => undefined,
      storage: () => ({
        blocks: 0,
        nodesHashed: 0,
        nodesRead: 0,
        usedBytes: 0,
        memoryBytes: 0,
        disk: undefined,
      }),
      reset: (fork) =>
        noted(fork === undefined ? 'reset' : `reset ${fork.url} ${fork.blockNumber}`),
      setRpcUrl: (url) => notedNow(`setRpcUrl ${url}`),
      reorg: async () => done(undefined),
      rollback: (depth) => noted(`rollback ${depth}`),
    },
    events: {
      follow: () => () => undefined,
      listen: (listener) => {
        listeners.add(listener)
        return () => {
          listeners.delete(listener)
        }
      },
    },
    info: () => ({
      clientVersion: 'heddle/v0.0.0-test',
      instanceId: ZERO_HASH,
      hardfork: 'shanghai',
      engine: 'none',
      executor: 'none',
      transactionOrder: 'fees',
      gasLimit: 30_000_000n,
      keptStates: Number.POSITIVE_INFINITY,
      lastBlockAtMs: undefined,
      failure: undefined,
      genesisTimestamp: 1_700_000_000n,
      snapshots: [],
    }),
  }
}

export const SERVE = {
  host: '127.0.0.1',
  port: 0,
  allowOrigin: '*',
  cors: true,
  allowedHosts: [],
  maxBodyBytes: 2 * 1024 * 1024,
  maxBatch: 1000,
  compression: 'auto',
  ipcPath: undefined,
} as const

interface WireError {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}
export interface WireAnswer {
  readonly jsonrpc: '2.0'
  readonly id: unknown
  readonly result?: unknown
  readonly error?: WireError
}
