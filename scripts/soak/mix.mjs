// What a soak asks: requests of many kinds by weight, each with what an answer to it may be.
/** Adds one to slot 0, logs its new value, and returns it. */
const COUNTER = '0x6000546001018060005560005260206000a060206000f3'
/** Reverts with no data. */
const REVERTER = '0x60006000fd'
const counter = `0x${'c0'.repeat(20)}`
const reverter = `0x${'c1'.repeat(20)}`
const COUNT_STEPS =
  '{ n: 0, step: function() { this.n++ }, fault: function() {}, result: function() { return this.n } }'

/** @typedef {{ method: string, params: readonly unknown[], code?: number | undefined }} Asked `code`: the error it must have */

/**
 * Makes the accounts that the requests speak of.
 * @param {(method: string, params: readonly unknown[]) => Promise<unknown>} ask
 */
export async function prepare(ask) {
  // Genesis has no report.
  await ask('evm_mine', [])
  await ask('anvil_setCode', [counter, COUNTER])
  await ask('anvil_setCode', [reverter, REVERTER])
}

/**
 * @param {object} known what is there to be asked of
 * @param {readonly string[]} known.accounts
 * @param {readonly string[]} known.hashes of transactions, mined or not
 * @param {number} known.head
 * @param {(limit: number) => number} random
 * @returns {Asked}
 */
export function draw(known, random) {
  let at = random(TOTAL)
  for (const { weight, make } of KINDS) {
    if (at < weight) return make(known, random)
    at -= weight
  }
  throw new Error('bug: weights do not add up')
}

const one = (list, random) => list[random(list.length)]
const hex = (number) => `0x${number.toString(16)}`
const block = ({ head }, random) =>
  random(3) === 0 ? 'latest' : hex(Math.max(0, head - random(32)))
const call = { to: counter, gas: '0x186a0' }

const KINDS = [
  { weight: 120, make: () => ({ method: 'eth_blockNumber', params: [] }) },
  { weight: 120, make: () => ({ method: 'eth_call', params: [call, 'latest'] }) },
  {
    weight: 80,
    make: ({ accounts }, random) => ({
      method: one(['eth_getBalance', 'eth_getTransactionCount', 'eth_getCode'], random),
      params: [one(accounts, random), 'latest'],
    }),
  },
  {
    weight: 60,
    make: (known, random) => ({
      method: 'eth_getBlockByNumber',
      params: [block(known, random), random(2) === 0],
    }),
  },
  {
    weight: 60,
    make: ({ accounts }, random) => ({
      method: 'eth_sendTransaction',
      params: [
        { from: one(accounts, random), to: one([...accounts, counter], random), value: '0x1' },
      ],
    }),
  },
  {
    weight: 60,
    make: ({ hashes }, random) => ({
      method: one(['eth_getTransactionReceipt', 'eth_getTransactionByHash'], random),
      params: [one(hashes, random)],
    }),
  },
  {
    weight: 30,
    make: ({ head }, random) => ({
      method: 'eth_getLogs',
      params: [
        { address: counter, fromBlock: hex(Math.max(0, head - random(64))), toBlock: 'latest' },
      ],
    }),
  },
  { weight: 20, make: () => ({ method: 'eth_estimateGas', params: [call] }) },
  { weight: 20, make: () => ({ method: 'eth_feeHistory', params: ['0x8', 'latest', [10, 50]] }) },
  { weight: 20, make: () => ({ method: 'eth_getProof', params: [counter, ['0x0'], 'latest'] }) },
  { weight: 15, make: () => ({ method: 'eth_createAccessList', params: [call, 'latest'] }) },
  {
    weight: 15,
    make: () => ({
      method: 'eth_simulateV1',
      params: [{ blockStateCalls: [{ calls: [call, call] }], validation: false }, 'latest'],
    }),
  },
  {
    weight: 15,
    make: (_, random) => ({
      method: 'debug_traceCall',
      params: [
        call,
        'latest',
        { tracer: one(['callTracer', 'prestateTracer', '4byteTracer'], random) },
      ],
    }),
  },
  { weight: 10, make: () => ({ method: 'debug_traceCall', params: [call, 'latest', {}] }) },
  {
    weight: 2,
    // A machine that stands still meanwhile is no fault.
    make: () => ({
      method: 'debug_traceCall',
      params: [call, 'latest', { tracer: COUNT_STEPS, timeout: '5m' }],
    }),
  },
  { weight: 10, make: () => ({ method: 'txpool_status', params: [] }) },
  { weight: 10, make: () => ({ method: 'eth_newFilter', params: [{ address: counter }] }) },
  {
    weight: 10,
    make: ({ accounts }, random) => ({
      method: 'anvil_setBalance',
      params: [one(accounts, random), '0x21e19e0c9bab2400000'],
    }),
  },
  { weight: 10, make: (_, random) => ({ method: 'anvil_mine', params: [hex(1 + random(3))] }) },
  { weight: 5, make: () => ({ method: 'parallel_getBlockReport', params: ['latest'] }) },
  // What is refused has to be refused as cheaply.
  {
    weight: 15,
    make: () => ({ method: 'eth_call', params: [{ to: reverter }, 'latest'], code: 3 }),
  },
  { weight: 10, make: () => ({ method: 'eth_noSuchMethod', params: [], code: -32601 }) },
  {
    weight: 10,
    make: () => ({ method: 'eth_getBalance', params: ['0x12', 'latest'], code: -32602 }),
  },
  { weight: 5, make: () => ({ method: 'eth_getFilterChanges', params: ['0x123'], code: -32000 }) },
]
const TOTAL = KINDS.reduce((sum, { weight }) => sum + weight, 0)
