import { type Scenario, ScenarioError, type WireTransaction } from './scenario.ts'

/** What forge wrote about a script's run, a dry run too: `broadcast/Script.s.sol/31337/run-latest.json`. */

interface BroadcastEntry {
  readonly transaction?: Readonly<Record<string, unknown>>
}

export function isBroadcast(json: unknown): boolean {
  if (typeof json !== 'object' || json === null) return false
  const { transactions } = json as { readonly transactions?: unknown }
  if (!Array.isArray(transactions) || transactions.length === 0) return false
  return transactions.every(
    (entry) => typeof entry === 'object' && entry !== null && 'transactionType' in entry,
  )
}

/** Its transactions in their order. Senders have the nonces that the script found, so that contracts are where it expects them. */
export function broadcastScenario(file: string, json: unknown): Scenario {
  const { transactions } = json as { readonly transactions: readonly BroadcastEntry[] }
  const nonces = new Map<string, string>()
  const built = transactions.map(({ transaction }, at): WireTransaction => {
    const where = `${file}: transactions[${at}].transaction`
    if (transaction === undefined) throw new ScenarioError(`${where}: missing`)
    const { from, to, value, input, data, nonce } = transaction
    if (typeof from !== 'string') throw new ScenarioError(`${where}.from: expected an address`)
    const sender = from.toLowerCase()
    if (!nonces.has(sender)) nonces.set(sender, typeof nonce === 'string' ? nonce : '0x0')
    const code = input ?? data
    return {
      from: sender,
      to: typeof to === 'string' ? to : null,
      ...(typeof value === 'string' && { value }),
      ...(typeof code === 'string' && { data: code }),
    }
  })
  const stateOverrides = Object.fromEntries(
    [...nonces].map(([sender, nonce]) => [sender, { nonce }]),
  )
  return { name: file, setup: [], transactions: built, stateOverrides }
}
