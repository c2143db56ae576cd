import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'

import type { Ask } from '../client.ts'
import { broadcastScenario, isBroadcast } from './broadcast.ts'
import { Builder } from './builder.ts'
import { Contracts } from './contracts.ts'
import { moduleScenario } from './module.ts'
import { type Scenario, ScenarioError } from './scenario.ts'
import { solidityScenario } from './solidity.ts'

/**
 * Reads a scenario: a bundle or a forge broadcast (`.json`), a module (`.ts`, `.js`), or a Solidity contract by its name.
 * @param artefacts the folder of artefacts, when not the usual ones
 * @throws {ScenarioError} that names the entry, or the line of JSON that is none
 */
export async function loadScenario(
  file: string,
  ask: Ask,
  artefacts: string | undefined,
): Promise<Scenario> {
  const contracts = new Contracts(artefacts)
  const kind = extname(file.split(':')[0]!)
  if (/^\.[cm]?[jt]s$/.test(kind)) return moduleScenario(file, ask, contracts)
  if (kind === '.sol' || kind === '') return solidityScenario(file, ask, contracts)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) throw new ScenarioError(`${file} cannot be read`)
  const json = parse(file, text)
  return isBroadcast(json)
    ? broadcastScenario(file, json)
    : bundleScenario(file, json, ask, contracts)
}

/** `{ setup, transactions }`, or a list of transactions. */
async function bundleScenario(
  file: string,
  json: unknown,
  ask: Ask,
  contracts: Contracts,
): Promise<Scenario> {
  const { setup, transactions } = partsOf(file, json)
  return new Builder(ask, contracts).scenario(file, setup, transactions)
}

function partsOf(
  file: string,
  json: unknown,
): { readonly setup: readonly unknown[]; readonly transactions: readonly unknown[] } {
  const parts = Array.isArray(json) ? { transactions: json } : json
  const { setup = [], transactions } = (parts ?? {}) as Readonly<Record<string, unknown>>
  if (!Array.isArray(transactions)) {
    throw new ScenarioError(`${file}: transactions: expected a list of transactions`)
  }
  if (!Array.isArray(setup))
    throw new ScenarioError(`${file}: setup: expected a list of transactions`)
  if (transactions.length === 0) throw new ScenarioError(`${file}: transactions: there are none`)
  return { setup, transactions }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const position = /position (\d+)/.exec(message)?.[1]
    const line =
      position === undefined ? '' : `:${text.slice(0, Number(position)).split('\n').length}`
    throw new ScenarioError(`${file}${line}: ${message}`, { cause: error })
  }
}
