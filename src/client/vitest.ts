import { expect } from 'vitest'

import type { Assertion, Conflict, Site } from './answers.ts'
import { type BundleTransaction, wireSubject } from './subject.ts'

/**
 * Importing this gives vitest's `expect` two matchers: `await expect([tx1, tx2]).not.toConflict({ allow: ['Pool.reserve0'] })` and
 * `await expect(txs).toHaveSpeedupAtLeast(2, { cores: 8 })`.
 */

interface BundleOptions {
  /** Whose state they run on: a viem client, a node in process, an EIP-1193 provider, or a URL. Without one HEDDLE_RPC_URL, else port 8545 here. */
  readonly node?: string | Provider | undefined
  /** Run first; they do not count. */
  readonly setup?: readonly BundleTransaction[] | undefined
}

export interface ConflictOptions extends BundleOptions {
  /** Names that may conflict: `Pool.reserve0`, `Token.balanceOf`, `Pool.*`. */
  readonly allow?: readonly string[] | undefined
}

export interface SpeedupOptions extends BundleOptions {
  readonly cores: number
}

interface Provider {
  request(args: never): Promise<unknown>
}

declare module 'vitest' {
  // The type parameter is vitest's.
  // oxlint-disable-next-line no-unused-vars
  interface Matchers<T> {
    /** Runs transactions, or the hashes of sent ones, as a bundle: one waits for another by what is not allowed. Mines nothing. */
    toConflict(options?: ConflictOptions): Promise<void>
    /** Runs them likewise: on so many cores a schedule that knows their dependencies is at least so many times faster. Modelled, by gas. */
    toHaveSpeedupAtLeast(times: number, options: SpeedupOptions): Promise<void>
  }
}

const DEFAULT_URL = process.env['HEDDLE_RPC_URL'] ?? 'http://127.0.0.1:8545'

expect.extend({
  async toConflict(received: unknown, options: ConflictOptions = {}) {
    const { allow = [], node = DEFAULT_URL, setup } = options
    const answer = await ask('toConflict', node, received, setup, { allow })
    const { conflicts, allowed } = answer
    return {
      pass: conflicts.length > 0,
      message: () =>
        conflicts.length > 0
          ? ['expected the transactions not to conflict', ...conflicts.map(describe)].join('\n\n')
          : `expected the transactions to conflict; ${allowedText(allowed)}`,
    }
  },
  async toHaveSpeedupAtLeast(received: unknown, wanted: number, options: SpeedupOptions) {
    const { cores, node = DEFAULT_URL, setup } = options
    const gate = { allow: ['*'], minSpeedup: `${wanted}@${cores}` }
    const { speedup, allowed } = await ask('toHaveSpeedupAtLeast', node, received, setup, gate)
    const reached = speedup!.reached
    return {
      pass: reached >= wanted,
      message: () =>
        [
          `expected the transactions ${reached >= wanted ? 'not ' : ''}to be ${wanted} times faster on ${cores} cores: ${reached.toFixed(2)}`,
          ...allowed.map(describe),
        ].join('\n\n'),
    }
  },
})

type Received = Parameters<typeof wireSubject>[0]

function subjectOf(matcher: string, received: unknown, setup: BundleOptions['setup']): Received {
  if (!Array.isArray(received) || received.length === 0) {
    throw new TypeError(`${matcher}: expected a list of transactions, or of hashes of sent ones`)
  }
  const items = received as readonly (string | BundleTransaction)[]
  const hashes = items.filter((item) => typeof item === 'string')
  if (hashes.length === items.length) return { hashes }
  if (hashes.length > 0)
    throw new TypeError(`${matcher}: expected transactions or hashes, not both`)
  return { transactions: items as readonly BundleTransaction[], setup }
}

async function ask(
  matcher: string,
  node: string | Provider,
  received: unknown,
  setup: BundleOptions['setup'],
  gate: object,
): Promise<Assertion> {
  const subject = wireSubject(subjectOf(matcher, received, setup))
  const method = 'parallel_assertNoConflict'
  const params = [subject, gate]
  if (typeof node !== 'string')
    return (await node.request({ method, params } as never)) as Assertion
  const response = await fetch(node, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  }).catch(() => {
    throw new Error(
      `${matcher}: no node answers at ${node}: start one with heddle, or name one as node`,
    )
  })
  const { result, error } = (await response.json()) as {
    readonly result?: Assertion
    readonly error?: { readonly message: string }
  }
  if (result === undefined) throw new Error(`${matcher}: ${error?.message ?? 'no answer'}`)
  return result
}

function describe({ name, edges, from, to, written, read }: Conflict): string {
  const times = edges === 1 ? '' : ` (${edges} times)`
  return [
    `${name}${times}`,
    `  written ${placesOf(written)} by transaction ${from.tx}, ${from.label}`,
    `  read    ${placesOf(read)} by transaction ${to.tx}, ${to.label}`,
  ].join('\n')
}

function placesOf(sites: readonly Site[]): string {
  const places = sites.map(({ line, path, pc }) => line ?? `${path.at(-1) ?? 'the code'} at ${pc}`)
  return places.length === 0 ? '' : `at ${[...new Set(places)].join(', ')}`
}

function allowedText(allowed: readonly Conflict[]): string {
  if (allowed.length === 0) return 'nothing makes one wait for another'
  return `all that they do by is allowed: ${allowed.map(({ name }) => name).join(', ')}`
}
