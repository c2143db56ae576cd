// How much of each workload a run does.

/**
 * @typedef {object} Sizes
 * @property {number} rounds samples of each workload and node
 * @property {number} transfers transactions in a block of transfers or token transfers
 * @property {number} swaps transactions in a block of swaps
 * @property {number} blocks such blocks in one process: the first is cold, the others count
 * @property {{ warm: number, counted: number }} latency transactions sent one at a time
 * @property {readonly number[]} accounts how many accounts the state is grown to, ascending
 * @property {number} stateBlocks one-transfer blocks at each of those
 * @property {{ blocks: number, capMs: number }} empty
 * @property {{ logs: number, accounts: number, touched: number }} reads what there is to ask for: logs by the
 *   five hundred, accounts, and how many of them change before the way back
 * @property {{ steps: number }} traces instructions of the transaction that is traced
 * @property {number} callMs how long each way of calling is counted, after half of it to warm up
 * @property {number} freshContracts how many are called for the first time in a warm process
 * @property {{ callMs: number, calls: number }} compute what one call is sized to take, and how
 *   many are timed
 * @property {{ transactions: number, idleMs: number }} memory
 * @property {number} sampleCapMs after this a node is ended and the workload given up
 */

/** @type {Sizes} */
const full = {
  rounds: 3,
  transfers: 1000,
  swaps: 300,
  blocks: 3,
  latency: { warm: 100, counted: 500 },
  accounts: [0, 10_000, 40_000],
  stateBlocks: 15,
  empty: { blocks: 10_000, capMs: 100_000 },
  reads: { logs: 50_000, accounts: 11_000, touched: 10_000 },
  traces: { steps: 100_000 },
  callMs: 2000,
  freshContracts: 20,
  compute: { callMs: 500, calls: 3 },
  memory: { transactions: 10_000, idleMs: 3000 },
  sampleCapMs: 180_000,
}

/** @type {Sizes} */
const quick = {
  rounds: 2,
  transfers: 300,
  swaps: 100,
  blocks: 2,
  latency: { warm: 100, counted: 300 },
  accounts: [0, 10_000, 40_000],
  stateBlocks: 7,
  empty: { blocks: 500, capMs: 20_000 },
  reads: { logs: 10_000, accounts: 3000, touched: 2000 },
  traces: { steps: 20_000 },
  callMs: 1000,
  freshContracts: 8,
  compute: { callMs: 200, calls: 2 },
  memory: { transactions: 2000, idleMs: 1500 },
  sampleCapMs: 60_000,
}

/**
 * @param {{ quick: boolean, rounds: number | undefined }} options `rounds` overrides the default
 * @returns {Sizes}
 */
export function sizesOf(options) {
  const sizes = options.quick ? quick : full
  return options.rounds === undefined ? sizes : { ...sizes, rounds: options.rounds }
}
