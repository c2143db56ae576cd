// `node scripts/bench/engines.mjs [MILLISECONDS]`: the loops on our engine and on @ethereumjs/evm, in one process.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createJiti } from 'jiti'
import { decodeFunctionResult, encodeFunctionData, hexToBytes, toHex } from 'viem'
import { root } from '../prepare.mjs'
import { ensureWasm } from '../wasm.mjs'
import { compileLoops } from './contracts.mjs'
import { formatNumber, formatRatio, formatTable } from './table.mjs'

const contract = '0x000000000000000000000000000000000000c0de'
const caller = '0x00000000000000000000000000000000000000ca'
const gasLimit = 20_000_000_000n
const samples = 5

export const loops = [
  { name: 'keccak', title: 'keccak-256' },
  { name: 'arithmetic', title: '256-bit arithmetic' },
  { name: 'quicksort', title: 'quicksort' },
  { name: 'checkedLoop', title: 'checked loop' },
  { name: 'fixedPoint', title: 'fixed point in memory' },
  { name: 'warmStorage', title: 'warm storage' },
]

/** Loads both engines and the contract from the sources. */
async function open() {
  await ensureWasm()
  const jiti = createJiti(import.meta.url)
  const source = (path) => jiti.import(join(root, 'src', path))
  const { loadEthereumjsEngine, loadWasmEngine, warmUpEngine } = await source('evm/load.ts')
  const { BLOB_PARAMS } = await source('model/fork.ts')
  const { EMPTY_LIST_HASH, EMPTY_ROOT, keccakHash } = await source('primitives/keccak.ts')
  const { ZERO_ADDRESS, ZERO_HASH } = await source('primitives/hex.ts')
  const { abi, runtime } = await compileLoops()
  const code = hexToBytes(runtime)
  const codeHash = keccakHash(code)
  const view = {
    account: (address) =>
      address === contract ? { nonce: 1n, balanceWei: 0n, codeHash } : undefined,
    slot: () => 0n,
    code: () => code,
    hasStorage: () => false,
  }
  const header = {
    parentHash: ZERO_HASH,
    ommersHash: EMPTY_LIST_HASH,
    beneficiary: ZERO_ADDRESS,
    stateRoot: EMPTY_ROOT,
    transactionsRoot: EMPTY_ROOT,
    receiptsRoot: EMPTY_ROOT,
    logsBloom: new Uint8Array(256),
    difficulty: 0n,
    number: 1n,
    gasLimit: 30_000_000n,
    gasUsed: 0n,
    timestamp: 1n,
    extraData: new Uint8Array(0),
    mixHash: ZERO_HASH,
    nonce: new Uint8Array(8),
    baseFeePerGasWei: 0n,
    excessBlobGas: 0n,
  }
  const rules = { fork: 'osaka', blob: BLOB_PARAMS.osaka }
  const env = { rules, chainId: 1n, header, blockHash: () => undefined }
  const ours = await loadWasmEngine()
  await warmUpEngine(ours)
  return { engines: [ours, await loadEthereumjsEngine()], env, view, abi }
}

/** @returns {Promise<{ ms: number, gas: bigint, answer: bigint }>} */
async function runOnce({ env, view, abi }, engine, loop, times) {
  const tx = {
    type: 0,
    chainId: undefined,
    sender: caller,
    nonce: 0n,
    gasLimit,
    gasPriceWei: 0n,
    to: contract,
    valueWei: 0n,
    data: hexToBytes(encodeFunctionData({ abi, functionName: loop, args: [times] })),
  }
  const switches = { skipGasCap: true, skipNonce: true, skipBalance: true, skipFees: true }
  const start = process.cpuUsage()
  const outcome = await engine.transact(tx, env, view, { switches })
  const { user, system } = process.cpuUsage(start)
  if (outcome.kind !== 'success') throw new Error(`${loop} on ${engine.name}: ${outcome.kind}`)
  const data = toHex(outcome.output)
  const [answer, gas] = decodeFunctionResult({ abi, functionName: loop, data })
  return { ms: (user + system) / 1000, gas, answer }
}

/** Mgas/s of processor time, the best of some runs that take about as long as said. */
async function speedOf(bench, engine, loop, targetMs) {
  let times = 1n
  let run = await runOnce(bench, engine, loop, times)
  while (run.ms < targetMs / 4) run = await runOnce(bench, engine, loop, (times *= 2n))
  let best = 0
  for (let sample = 0; sample < samples; sample++) {
    const { gas, ms } = await runOnce(bench, engine, loop, times)
    best = Math.max(best, Number(gas) / 1000 / ms)
  }
  return best
}

async function main(targetMs) {
  const bench = await open()
  const [ours, reference] = bench.engines
  const rows = []
  for (const { name, title } of loops) {
    const [got, wanted] = [
      await runOnce(bench, ours, name, 3n),
      await runOnce(bench, reference, name, 3n),
    ]
    if (got.answer !== wanted.answer || got.gas !== wanted.gas)
      throw new Error(`${name}: the engines differ`)
    const speed = await speedOf(bench, ours, name, targetMs)
    const theirs = await speedOf(bench, reference, name, targetMs)
    rows.push([title, formatNumber(speed), formatNumber(theirs), formatRatio(speed / theirs)])
  }
  console.log(formatTable(['Mgas/s of CPU time', 'heddle', '@ethereumjs/evm', 'ratio'], rows))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(Number(process.argv[2] ?? 200))
}
