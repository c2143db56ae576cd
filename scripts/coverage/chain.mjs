// A node in this process, and what deploys and calls contracts on it by name.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { decodeFunctionResult, encodeDeployData, encodeFunctionData } from 'viem'

/** By name: of all contracts in build-infos that have the compiler's output, or else as forge wrote each by itself. */
function readContracts(artefacts) {
  const contracts = new Map()
  const read = (...parts) => JSON.parse(readFileSync(join(artefacts, ...parts), 'utf8'))
  for (const file of readdirSync(join(artefacts, 'build-info'))) {
    const { output } = read('build-info', file)
    for (const byName of Object.values(output?.contracts ?? {})) {
      for (const [name, { abi, evm }] of Object.entries(byName)) {
        contracts.set(name, { abi, ...evm.bytecode })
      }
    }
  }
  for (const folder of readdirSync(artefacts).filter((name) => name.endsWith('.sol'))) {
    const name = basename(folder, '.sol')
    if (contracts.has(name) || !existsSync(join(artefacts, folder, `${name}.json`))) continue
    const { abi, bytecode } = read(folder, `${name}.json`)
    contracts.set(name, { abi, ...bytecode, object: bytecode.object.slice(2) })
  }
  return contracts
}

/** One code base on a node of its own. */
export class CodeBaseChain {
  #node
  #contracts
  /** Transactions, in their order. */
  hashes = []

  constructor(node, artefacts) {
    this.#node = node
    this.#contracts = readContracts(artefacts)
    this.accounts = node.accounts.map(({ address }) => address)
  }

  ask(method, ...params) {
    return this.#node.request({ method, params })
  }

  /**
   * @param {string} name @param {readonly unknown[]} args @param {Record<string, string>} libraries addresses by name
   * @returns {Promise<string>} the address
   */
  async deploy(name, args = [], libraries = {}) {
    const { abi, object, linkReferences } = this.#contractOf(name)
    const data = encodeDeployData({ abi, bytecode: link(object, linkReferences, libraries), args })
    const { contractAddress } = await this.#send({ from: this.accounts[0], data }, `new ${name}`)
    return contractAddress
  }

  /** @param {number} from the place of the sender among the accounts */
  async call(from, to, name, functionName, ...args) {
    const { abi } = this.#contractOf(name)
    const data = encodeFunctionData({ abi, functionName, args })
    await this.#send({ from: this.accounts[from], to, data }, `${name}.${functionName}`)
  }

  async view(to, name, functionName, ...args) {
    const { abi } = this.#contractOf(name)
    const data = encodeFunctionData({ abi, functionName, args })
    const answer = await this.ask('eth_call', { to, data }, 'latest')
    return decodeFunctionResult({ abi, functionName, data: answer })
  }

  async #send(fields, what) {
    const hash = await this.ask('eth_sendTransaction', { ...fields, gas: '0xe00000' })
    const receipt = await this.ask('eth_getTransactionReceipt', hash)
    if (receipt.status !== '0x1') throw new Error(`${what} fails in ${hash}`)
    this.hashes.push(hash)
    return receipt
  }

  #contractOf(name) {
    const contract = this.#contracts.get(name)
    if (contract === undefined) throw new Error(`no contract ${name} among the artefacts`)
    return contract
  }
}

function link(object, references, libraries) {
  let code = object
  for (const byName of Object.values(references ?? {})) {
    for (const [name, places] of Object.entries(byName)) {
      const address = libraries[name]
      if (address === undefined) throw new Error(`the address of library ${name} is missing`)
      for (const { start } of places) {
        code = code.slice(0, start * 2) + address.slice(2) + code.slice(start * 2 + 40)
      }
    }
  }
  return `0x${code}`
}
