import { resolve } from 'node:path'
import { createJiti } from 'jiti'

import type { Ask } from '../client.ts'
import { Builder } from './builder.ts'
import type { Contracts } from './contracts.ts'
import { type Scenario, ScenarioError } from './scenario.ts'

/**
 * A module whose default export is `{ setup, transactions }`, a list of transactions, or a function that returns one of these and is
 * given `{ request, accounts }` of the node.
 */
export async function moduleScenario(
  file: string,
  ask: Ask,
  contracts: Contracts,
): Promise<Scenario> {
  const exported = await load(file)
  const accounts = (await ask('eth_accounts')) as readonly string[]
  const request = ({ method, params = [] }: { method: string; params?: readonly unknown[] }) =>
    ask(method, ...params)
  const made: unknown =
    typeof exported === 'function'
      ? await (exported as (node: object) => unknown)({ request, accounts })
      : exported
  const parts = (Array.isArray(made) ? { transactions: made } : made) as
    | Readonly<Record<string, unknown>>
    | null
    | undefined
  const { setup = [], transactions } = parts ?? {}
  if (!Array.isArray(transactions) || !Array.isArray(setup)) {
    throw new ScenarioError(
      `${file}: expected its default export to be, or to return, a list of transactions or { setup, transactions }`,
    )
  }
  return new Builder(ask, contracts).scenario(file, setup, transactions)
}

async function load(file: string): Promise<unknown> {
  try {
    return await createJiti(import.meta.url).import(resolve(file), { default: true })
  } catch (error) {
    const message = error instanceof Error ? error.message.split('\n', 1)[0]! : String(error)
    throw new ScenarioError(`${file} cannot be loaded: ${message}`, { cause: error })
  }
}
