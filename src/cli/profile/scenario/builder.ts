import type { Abi } from 'viem'

import { createAddress } from '../../../model/create-address.ts'
import { type Address, parseAddress } from '../../../primitives/hex.ts'
import type { Ask } from '../client.ts'
import type { Contracts, NamedContract } from './contracts.ts'
import { type Scenario, ScenarioError, type WireTransaction } from './scenario.ts'

/** A step of a scenario as people write it: a deployment, a call by a function's name, or plain data. */
export interface WrittenStep {
  /** The number of a dev account, or an address. Without it the first account. */
  readonly from?: unknown
  readonly to?: unknown
  readonly value?: unknown
  readonly data?: unknown
  readonly gas?: unknown
  readonly accessList?: unknown
  /** A contract's name: it is deployed with `args`. */
  readonly deploy?: unknown
  /** What later steps call the contract that this one deploys. */
  readonly as?: unknown
  /** A function: `transfer`, or `transfer(address,uint256)` when several have the name. */
  readonly call?: unknown
  /** `"@2"` is a dev account, `"@token"` a contract that was deployed `as` token. */
  readonly args?: unknown
}

interface Deployed {
  readonly address: Address
  readonly abi: Abi | undefined
}

const KNOWN: ReadonlySet<string> = new Set([
  'from',
  'to',
  'value',
  'data',
  'input',
  'gas',
  'accessList',
  'deploy',
  'as',
  'call',
  'args',
  'comment',
])

/** Turns written steps into transactions: finds contracts, encodes calls, and knows where deployments will be. */
export class Builder {
  readonly #ask: Ask
  readonly #contracts: Contracts
  readonly #deployed: Map<string, Deployed> = new Map()
  readonly #byAddress: Map<string, Abi> = new Map()
  readonly #nonces: Map<string, bigint> = new Map()
  #accounts: readonly string[] | undefined

  constructor(ask: Ask, contracts: Contracts) {
    this.#ask = ask
    this.#contracts = contracts
  }

  /** All of a file's steps; those of the set-up are not counted. @throws {ScenarioError} */
  async scenario(
    file: string,
    setup: readonly unknown[],
    transactions: readonly unknown[],
  ): Promise<Scenario> {
    return {
      name: file,
      setup: await this.#steps(setup, `${file}: setup`),
      transactions: await this.#steps(transactions, `${file}: transactions`),
    }
  }

  /** One after another: a step may call what the one before deploys. */
  async #steps(steps: readonly unknown[], where: string): Promise<WireTransaction[]> {
    const built: WireTransaction[] = []
    for (const [at, step] of steps.entries()) built.push(await this.step(step, `${where}[${at}]`))
    return built
  }

  /** @param where names the entry in errors: `setup[2]`. @throws {ScenarioError} */
  async step(written: unknown, where: string): Promise<WireTransaction> {
    if (typeof written !== 'object' || written === null || Array.isArray(written)) {
      throw new ScenarioError(`${where}: expected an object`)
    }
    const unknown = Object.keys(written).find((key) => !KNOWN.has(key))
    if (unknown !== undefined) {
      throw new ScenarioError(
        `${where}.${unknown}: not known here; there are ${[...KNOWN].join(', ')}`,
      )
    }
    try {
      return await this.#build(written, where)
    } catch (error) {
      if (error instanceof ScenarioError) {
        if (error.message.startsWith(where)) throw error
        throw new ScenarioError(`${where}: ${error.message}`, { cause: error })
      }
      throw error
    }
  }

  /** The address of a dev account or of a contract that was deployed. @throws {ScenarioError} */
  async address(text: unknown, where: string): Promise<Address> {
    const accounts = await this.#devAccounts()
    const name = typeof text === 'string' ? text.replace(/^@/, '') : String(text)
    if (/^0x[0-9a-fA-F]{40}$/.test(name)) return parseAddress(name.toLowerCase())
    if (/^\d{1,4}$/.test(name)) {
      const account = accounts[Number(name)]
      if (account !== undefined) return parseAddress(account.toLowerCase())
      throw new ScenarioError(
        `${where}: there are ${accounts.length} accounts, from 0; got ${name}`,
      )
    }
    const deployed = this.#deployed.get(name)
    if (deployed !== undefined) return deployed.address
    const known = [...this.#deployed.keys()]
    const names =
      known.length === 0 ? 'no name was given by `as` yet' : `names are ${known.join(', ')}`
    throw new ScenarioError(
      `${where}: expected an address, the number of an account, or a name; got ${JSON.stringify(text)}; ${names}`,
    )
  }

  async #build(
    written: WrittenStep & { readonly input?: unknown },
    where: string,
  ): Promise<WireTransaction> {
    const from = await this.address(written.from ?? 0, `${where}.from`)
    const common = {
      from,
      ...(written.value !== undefined && { value: quantity(written.value, `${where}.value`) }),
      ...(written.gas !== undefined && { gas: quantity(written.gas, `${where}.gas`) }),
      ...(written.accessList !== undefined && { accessList: written.accessList }),
    }
    const nonce = await this.#takeNonce(from)
    if (written.deploy !== undefined) {
      const contract = await this.#contracts.named(textOf(written.deploy, `${where}.deploy`))
      const data = await this.#encode(contract, undefined, written.args, where)
      const address = createAddress(from, nonce)
      this.#remember(textOf(written.as ?? contract.name, `${where}.as`), address, contract.abi)
      return { ...common, to: null, data }
    }
    const data = written.data ?? written.input
    const to =
      written.to === undefined || written.to === null
        ? null
        : await this.address(written.to, `${where}.to`)
    if (written.call === undefined) {
      if (to === null) {
        if (data === undefined) throw new ScenarioError(`${where}: expected to, deploy, or data`)
        if (written.as !== undefined)
          this.#remember(textOf(written.as, `${where}.as`), createAddress(from, nonce), undefined)
      }
      return { ...common, to, ...(data !== undefined && { data: hex(data, `${where}.data`) }) }
    }
    if (to === null) throw new ScenarioError(`${where}.to: missing, a call needs a contract`)
    const abi = this.#byAddress.get(to)
    const call = textOf(written.call, `${where}.call`)
    const encoded = await this.#encode(
      abi && { abi, name: String(written.to) },
      call,
      written.args,
      where,
    )
    return { ...common, to, data: encoded }
  }

  #remember(name: string, address: Address, abi: Abi | undefined): void {
    this.#deployed.set(name, { address, abi })
    if (abi !== undefined) this.#byAddress.set(address, abi)
  }

  /** Call data, or init code when no function is named. */
  async #encode(
    contract: (Pick<NamedContract, 'abi' | 'name'> & Partial<NamedContract>) | undefined,
    call: string | undefined,
    args: unknown,
    where: string,
  ): Promise<string> {
    if (args !== undefined && !Array.isArray(args))
      throw new ScenarioError(`${where}.args: expected a list`)
    const { encodeDeployData, encodeFunctionData, parseAbiItem } = await import('viem')
    const values = await Promise.all(
      ((args ?? []) as readonly unknown[]).map((value, at) =>
        this.#value(value, `${where}.args[${at}]`),
      ),
    )
    try {
      if (call === undefined) {
        return encodeDeployData({
          abi: contract!.abi,
          bytecode: contract!.bytecode!,
          args: values,
        } as never)
      }
      if (contract !== undefined) {
        const known = contract.abi.some(
          (item) => item.type === 'function' && item.name === call.split('(')[0],
        )
        if (!known)
          throw new ScenarioError(`${where}.call: ${contract.name} has no function ${call}`)
        if (!call.includes('(')) {
          return encodeFunctionData({
            abi: contract.abi,
            functionName: call,
            args: values,
          } as never)
        }
      }
      if (!call.includes('(')) {
        throw new ScenarioError(
          `${where}.call: its contract is not known here, write ${call} with the types of its arguments, as in f(uint256)`,
        )
      }
      const item = parseAbiItem(`function ${call}` as 'function f()')
      return encodeFunctionData({ abi: [item], args: values } as never)
    } catch (error) {
      if (error instanceof ScenarioError) throw error
      const message = error instanceof Error ? error.message.split('\n', 1)[0]! : String(error)
      throw new ScenarioError(`${where}.args: ${message}`, { cause: error })
    }
  }

  /** `"@2"` and `"@token"` become addresses, numbers become integers, in lists too. */
  async #value(value: unknown, where: string): Promise<unknown> {
    if (typeof value === 'string' && value.startsWith('@')) return this.address(value, where)
    if (typeof value === 'number') return BigInt(value)
    if (!Array.isArray(value)) return value
    return Promise.all(value.map((each, at) => this.#value(each, `${where}[${at}]`)))
  }

  async #devAccounts(): Promise<readonly string[]> {
    this.#accounts ??= (await this.#ask('eth_accounts')) as readonly string[]
    return this.#accounts
  }

  async #takeNonce(from: Address): Promise<bigint> {
    let nonce = this.#nonces.get(from)
    nonce ??= BigInt((await this.#ask('eth_getTransactionCount', from, 'latest')) as string)
    this.#nonces.set(from, nonce + 1n)
    return nonce
  }
}

function textOf(value: unknown, where: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new ScenarioError(`${where}: expected text, got ${JSON.stringify(value)}`)
}

function quantity(value: unknown, where: string): string {
  const isNumber = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
  const isText = typeof value === 'string' && /^(?:\d+|0x[0-9a-fA-F]+)$/.test(value)
  if (isNumber || isText || typeof value === 'bigint')
    return `0x${BigInt(value as string).toString(16)}`
  throw new ScenarioError(`${where}: expected a number, got ${JSON.stringify(value)}`)
}

function hex(value: unknown, where: string): string {
  if (typeof value === 'string' && /^0x(?:[0-9a-fA-F]{2})*$/.test(value)) return value
  throw new ScenarioError(`${where}: expected bytes as 0x hex, got ${JSON.stringify(value)}`)
}
