// `node scripts/bench/precompiles.mjs`: how fast each precompile is for its gas, at the inputs that are the worst for it.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createJiti } from 'jiti'
import { root } from '../prepare.mjs'
import { formatTable } from './table.mjs'
import { ensureWasm } from '../wasm.mjs'

const sampleMs = 30
const samples = 3
/** Below this a block of 30 Mgas would take longer than a second. */
const aimMgas = 30
/** What a call to a warm address costs beside the precompile: there is none without. */
const callGas = 100n

const word = (value) => BigInt(value).toString(16).padStart(64, '0')
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'))
const noise = (length) =>
  Uint8Array.from({ length }, (_, at) => (at * 167 + (at >> 3) * 59 + 13) & 255)
const hexOf = (data) => Buffer.from(data).toString('hex')

/** @returns {Uint8Array} operands of these lengths, the modulus odd or even */
function modexpInput(base, exponent, modulus, { even = false, bits = 0xff } = {}) {
  const head = word(base) + word(exponent) + word(modulus)
  const last = noise(modulus).map((byte) => byte | 0x80)
  if (modulus > 0) last[modulus - 1] = even ? last[modulus - 1] & 0xfe : last[modulus - 1] | 1
  return bytes(
    head + hexOf(noise(base).fill(0xff)) + hexOf(new Uint8Array(exponent).fill(bits)) + hexOf(last),
  )
}

const blakeInput = (rounds) =>
  bytes(rounds.toString(16).padStart(8, '0') + hexOf(noise(208)) + '01')

const g1 = word(1) + word(2)

/** @type {readonly { number: number, name: string, input: Uint8Array }[]} */
export const inputs = [
  { number: 2, name: 'SHA-256, nothing', input: new Uint8Array(0) },
  { number: 2, name: 'SHA-256, 100 kB', input: noise(100_000) },
  { number: 3, name: 'RIPEMD-160, nothing', input: new Uint8Array(0) },
  { number: 3, name: 'RIPEMD-160, 100 kB', input: noise(100_000) },
  { number: 4, name: 'identity, nothing', input: new Uint8Array(0) },
  { number: 4, name: 'identity, 100 kB', input: noise(100_000) },
  ...[1, 8, 24, 32, 33, 64, 128, 256, 512, 1024].flatMap((size) => [
    { number: 5, name: `MODEXP ${size} bytes, exponent 32`, input: modexpInput(size, 32, size) },
    {
      number: 5,
      name: `MODEXP ${size} bytes, exponent 1024`,
      input: modexpInput(size, 1024, size),
    },
  ]),
  ...[8, 32, 256].flatMap((size) => [
    {
      number: 5,
      name: `MODEXP ${size} bytes, even, exponent 1024`,
      input: modexpInput(size, 1024, size, { even: true }),
    },
    {
      number: 5,
      name: `MODEXP ${size} bytes, exponent 3`,
      input: modexpInput(size, 1, size, { bits: 3 }),
    },
  ]),
  {
    number: 5,
    name: 'MODEXP 1024 bytes, exponent 65537',
    input: bytes(
      word(1024) +
        word(3) +
        word(1024) +
        hexOf(noise(1024)) +
        '010001' +
        hexOf(noise(1024).map((byte) => byte | 1)),
    ),
  },
  { number: 6, name: 'BN254 addition', input: bytes(g1 + g1) },
  { number: 7, name: 'BN254 multiplication', input: bytes(g1 + 'ff'.repeat(32)) },
  { number: 8, name: 'BN254 pairing, nothing', input: new Uint8Array(0) },
  { number: 9, name: 'BLAKE2F, 12 rounds', input: blakeInput(12) },
  { number: 9, name: 'BLAKE2F, 1,000 rounds', input: blakeInput(1000) },
  { number: 9, name: 'BLAKE2F, 1,000,000 rounds', input: blakeInput(1_000_000) },
]

/** Calls of one precompile in a second of this thread's time, the best of some samples. */
function callsPerSecond(run) {
  let best = 0
  for (let sample = 0; sample < samples; sample++) {
    const start = process.cpuUsage()
    let calls = 0
    let usedMs = 0
    while (usedMs < sampleMs) {
      run()
      calls++
      if (calls % 4 === 0 || calls < 4) {
        const { user, system } = process.cpuUsage(start)
        usedMs = (user + system) / 1000
      }
    }
    best = Math.max(best, (calls * 1000) / usedMs)
  }
  return best
}

/**
 * @param {string} fork
 * @returns {Promise<{ name: string, gas: bigint, us: number, mgas: number }[]>}
 */
async function measure(fork) {
  await ensureWasm()
  const jiti = createJiti(import.meta.url)
  const { precompileAt } = await jiti.import(join(root, 'src/evm/precompiles.ts'))
  const rules = { fork, blob: undefined }
  const rows = []
  for (const { number, name, input } of inputs) {
    const precompile = precompileAt(number, rules)
    await precompile.prepare?.()
    const gas = precompile.gas(input, rules)
    if (gas > 30_000_000n) continue
    const rate = callsPerSecond(() => precompile.run(input, rules))
    rows.push({ name, gas, us: 1e6 / rate, mgas: (Number(gas + callGas) * rate) / 1e6 })
  }
  return rows
}

async function main(fork = 'osaka') {
  const rows = await measure(fork)
  const table = rows.map(({ name, gas, us, mgas }) => [
    name,
    String(gas),
    us.toFixed(us < 10 ? 2 : 0),
    mgas.toFixed(0) + (mgas < aimMgas ? ' below the aim' : ''),
  ])
  console.log(formatTable(['precompile', 'gas', 'us', 'Mgas/s, with 100 gas for the call'], table))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv[2])
