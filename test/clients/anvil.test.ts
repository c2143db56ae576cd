import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

import { spawnAnvil } from '../support/anvil.ts'
import { spawnNode } from '../support/node.ts'
import { ensurePeers } from '../support/peers.ts'

// The same calls to a fresh Anvil and a fresh heddle, one after another. Where the answers differ, the call's line in the file says why; a line
// that says so and does not differ fails too.

const NAMES: Readonly<Record<string, string>> = {
  A: '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
  B: '0x70997970c51812dc3a010c7d01b50e0d17dc79c8',
  // Codes: R, P and C revert with a reason, a panic and a custom error; I is invalid, G has no end, L logs, S stores.
  R: `0x${'aa'.repeat(20)}`,
  P: `0x${'a1'.repeat(20)}`,
  C: `0x${'a4'.repeat(20)}`,
  I: `0x${'a2'.repeat(20)}`,
  G: `0x${'a3'.repeat(20)}`,
  L: `0x${'bb'.repeat(20)}`,
  S: `0x${'cc'.repeat(20)}`,
  // Nobody yet, and somebody without a key.
  N: `0x${'dd'.repeat(20)}`,
  X: `0x${'ee'.repeat(20)}`,
  H: `0x${'12'.repeat(32)}`,
  Z: `0x${'00'.repeat(32)}`,
}

interface Line {
  readonly method: string
  readonly params: unknown
  /** Why the answers differ. */
  readonly why: string | undefined
}

interface Answer {
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

function readLines(): readonly Line[] {
  const file = join(import.meta.dirname, 'data', 'anvil-calls.txt')
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [call = '', why] = line.split(' ## ')
      const space = call.indexOf(' ')
      const method = call.slice(0, space)
      const json = call
        .slice(space + 1)
        .replaceAll(/"?\$([A-Z])"?/g, (_, name: string) => `"${NAMES[name]}"`)
      return { method: method === '-' ? '' : method, params: JSON.parse(json) as unknown, why }
    })
}

async function ask(url: string, { method, params }: Line): Promise<Answer> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, ...(params !== null && { params }) })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body })
  const { result, error } = (await answer.json()) as Answer
  return error === undefined ? { result } : { error }
}

/** What depends on a block's hash, on the clock, or on what a transaction offers by default. */
const MASKED = new Set(
  [
    'hash parentHash stateRoot blockHash transactionHash txHash receiptsRoot transactionsRoot mixHash',
    'timestamp blockTimestamp size r s v yParity raw gasPrice maxFeePerGas effectiveGasPrice blobGasPrice',
    'accountProof currentBlockHash currentBlockTimestamp latestBlockHash instanceId codeHash',
    'parentBeaconBlockRoot',
  ].flatMap((names) => names.split(' ')),
)
/** Of which an answer is a new name, or goes by the second. */
const NAMING = /^eth_(?:send|new)|SenderAndNonce$|increaseTime$/

function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !MASKED.has(name))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => [name, masked(each)]),
  )
}

/** Anvil's codes for what the chain refuses, where Geth's is -32000: clients look for Geth's words. */
const REFUSAL_CODES: readonly number[] = [-32_000, -32_001, -32_003, -32_603]
/** What Anvil refuses for its parser's sake. */
const STRICTNESS =
  /^(?:invalid length \d, expected tuple|expected params sequence|odd number of digits|Method not found)/
const OUT_OF_RANGE = /^BlockOutOfRangeError|^No Signer available/

/** How the answers differ, apart from the words of errors; undefined when they do not. */
function difference(method: string, anvil: Answer, ours: Answer): string | undefined {
  if (anvil.error !== undefined && ours.error !== undefined) {
    const [theirs, own] = [anvil.error, ours.error]
    const isRefusal = REFUSAL_CODES.includes(theirs.code) || OUT_OF_RANGE.test(theirs.message)
    const isSame = theirs.code === own.code || (own.code === -32_000 && isRefusal)
    const isSameData = theirs.code !== 3 || theirs.data === own.data
    return isSame && isSameData ? undefined : `${JSON.stringify(theirs)} / ${JSON.stringify(own)}`
  }
  if (anvil.error !== undefined && STRICTNESS.test(anvil.error.message)) return undefined
  const isNamed = NAMING.test(method) && typeof anvil.result === typeof ours.result
  if (isNamed && anvil.error === undefined && ours.error === undefined) return undefined
  const [theirs, own] = [anvil, ours].map((answer) => JSON.stringify(masked(answer)))
  return theirs === own ? undefined : `${theirs} / ${own}`
}

it('answers as Anvil does, but for what is listed', async () => {
  await ensurePeers()
  const flags = ['--timestamp', '1800000000', '--block-base-fee-per-gas', '7']
  await using anvil = await spawnAnvil(flags)
  await using node = await spawnNode({ flags })
  const wrong: string[] = []
  for (const line of readLines()) {
    const found = difference(line.method, await ask(anvil.url, line), await ask(node.url, line))
    if ((found === undefined) === (line.why === undefined)) continue
    const call = `${line.method} ${JSON.stringify(line.params)}`
    wrong.push(found === undefined ? `${call}: does not differ any longer` : `${call}: ${found}`)
  }
  expect(wrong).toEqual([])
})
