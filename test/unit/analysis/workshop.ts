import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { encodeDeployData, encodeFunctionData } from 'viem'

import { dependencyGraph } from '../../../src/analysis/graph.ts'
import type { RecordedTransaction, Recording } from '../../../src/analysis/input.ts'
import { readFoundryArtefact } from '../../../src/analysis/names/artefact.ts'
import {
  type KnownContract,
  type NameBook,
  nameBook,
} from '../../../src/analysis/names/name-book.ts'
import { type Report, reportOf } from '../../../src/analysis/report.ts'
import { TraceRecorder } from '../../../src/analysis/trace-recorder.ts'
import { loadWasmEngine } from '../../../src/evm/load.ts'
import type { BlockEnv, Outcome } from '../../../src/evm/engine.ts'
import type { Observer } from '../../../src/evm/observer.ts'
import { compareRuntime, toTemplate } from '../../../src/node/artefact-code.ts'
import {
  type Address,
  bytesToAddress,
  bytesToHex,
  hexToBytes,
} from '../../../src/primitives/hex.ts'
import {
  BENEFICIARY,
  RICH,
  type TestTransaction,
  TestWorld,
  account,
} from '../../contract/engine-world.ts'
import { checkout } from '../../support/checkout.ts'
import { type Artefact, buildContracts, loadArtefact } from '../../support/contracts.ts'

const engine = await loadWasmEngine()
const GAS_LIMIT = 10_000_000n
const USERS = 64

/** The n-th of the users, each of them rich. */
export const user = (n: number): Address => account(0x1000 + n)

/** A call of a contract's function in a transaction of its own. */
export interface Call {
  readonly from: number
  readonly to: Address
  readonly function: string
  readonly args?: readonly unknown[]
  readonly valueWei?: bigint
  readonly nonce?: bigint
}

/** A block that was recorded, with names for all in it. */
export interface Recorded {
  readonly recording: Recording
  readonly book: NameBook
  readonly report: Report
  /** Inputs of KECCAK256. */
  readonly hashed: readonly Uint8Array[]
}

/** Real contracts on the real engine: deploys them, calls them, and records blocks of calls. */
export class Workshop {
  readonly world: TestWorld
  readonly #deployed: Map<Address, { readonly name: string; readonly artefact: Artefact }> =
    new Map()

  #env: BlockEnv

  constructor() {
    const rich = Array.from({ length: USERS }, (_, n) => [user(n), { balanceWei: RICH }] as const)
    this.world = new TestWorld(engine, Object.fromEntries(rich))
    this.#env = this.world.env
  }

  /** The next block, so many seconds later. */
  wait(seconds: bigint): void {
    const { header } = this.#env
    const next = { number: header.number + 1n, timestamp: header.timestamp + seconds }
    this.#env = { ...this.#env, header: { ...header, ...next } }
  }

  /** `name` as `loadArtefact` takes it. */
  async deploy(name: string, args: readonly unknown[] = []): Promise<Address> {
    const artefact = loadArtefact(name)
    const data = encodeDeployData({
      abi: artefact.abi,
      bytecode: artefact.bytecode.object,
      args: args as never,
    })
    const outcome = await this.#run({ sender: user(0), to: null, data: hexToBytes(data) })
    if (outcome.kind !== 'success' || outcome.created === null) {
      throw new Error(`${name} is not deployed: ${outcome.kind} ${bytesToHex(outcome.output)}`)
    }
    this.#deployed.set(outcome.created, { name: name.replace(/^.*\//, ''), artefact })
    return outcome.created
  }

  /** Calls to `to` are by the functions of `name` from now on: a proxy's are its implementation's. */
  useFunctionsOf(to: Address, name: string): void {
    this.#functions.set(to, loadArtefact(name))
  }

  readonly #functions: Map<Address, Artefact> = new Map()

  /** What a function of a contract names is known as another contract from now on: its factory made it. */
  async adopt(by: Address, name: string, fn: string, args: readonly unknown[]): Promise<void> {
    const artefact = this.#deployed.get(by)!.artefact
    const data = encodeFunctionData({ abi: artefact.abi, functionName: fn, args: args as never })
    const tx = this.world.transaction({ sender: user(0), to: by, data: hexToBytes(data) })
    const outcome = await engine.transact(tx, this.#env, this.world.view)
    if (outcome.kind !== 'success') throw new Error(`${fn}: ${outcome.kind}`)
    this.pretend(bytesToAddress(outcome.output.subarray(12)), name)
  }

  /** Its artefact is not known from now on. */
  forget(address: Address): void {
    this.#deployed.delete(address)
  }

  /** It is taken for another contract from now on. */
  pretend(address: Address, name: string): void {
    this.#deployed.set(address, { name, artefact: loadArtefact(name) })
  }

  /** Runs calls before the block; all must succeed. */
  async prepare(...calls: readonly Call[]): Promise<void> {
    for (const call of calls) await this.#send(call)
  }

  /** Runs calls as one block, observed. */
  async record(calls: readonly Call[]): Promise<Recorded> {
    const hashed = new Map<string, Uint8Array>()
    const balancesWei = new Map(
      [...this.#deployed.keys(), ...Array.from({ length: USERS }, (_, n) => user(n))].map(
        (address): [Address, bigint] => [
          address,
          this.world.view.account(address)?.balanceWei ?? 0n,
        ],
      ),
    )
    const transactions: RecordedTransaction[] = []
    for (const call of calls) transactions.push(await this.#send(call, new TraceRecorder(hashed)))
    const recording: Recording = { transactions, beneficiary: BENEFICIARY, balancesWei }
    const book = nameBook({
      contracts: this.#contracts(),
      sites: transactions.flatMap(({ trace }) => trace?.sites ?? []),
      hashed: [...hashed.values()],
      sources: sourceTexts(),
      guesses: [...this.#deployed.values()].flatMap(({ artefact }) =>
        Object.values(artefact.methodIdentifiers).map((id) =>
          hexToBytes(`0x${id.padEnd(64, '0')}`),
        ),
      ),
    })
    const report = reportOf(recording, dependencyGraph(recording), book)
    return { recording, book, report, hashed: [...hashed.values()] }
  }

  async #send(call: Call, recorder?: TraceRecorder): Promise<RecordedTransaction> {
    const artefact = this.#functions.get(call.to) ?? this.#deployed.get(call.to)?.artefact
    const data = hexToBytes(
      encodeFunctionData({
        abi: artefact!.abi,
        functionName: call.function,
        args: (call.args ?? []) as never,
      }),
    )
    const sender = user(call.from)
    const nonce = this.world.view.account(sender)?.nonce ?? 0n
    const { to, valueWei = 0n } = call
    const outcome = await this.#run({ sender, to, data, valueWei }, recorder)
    if (outcome.kind !== 'success') {
      throw new Error(`${call.function}: ${outcome.kind} ${bytesToHex(outcome.output)}`)
    }
    return {
      sender,
      to: call.to,
      selector: bytesToHex(data.subarray(0, 4)),
      nonce,
      gasUsed: Number(outcome.gasUsed),
      access: outcome.access,
      trace: recorder?.trace(),
    }
  }

  async #run(
    fields: TestTransaction,
    observer?: Observer,
  ): Promise<Exclude<Outcome, { kind: 'rejected' }>> {
    const tx = this.world.transaction({ gasLimit: GAS_LIMIT, ...fields })
    const outcome = await engine.transact(tx, this.#env, this.world.view, { observer })
    if (outcome.kind === 'rejected') throw new Error(`rejected: ${outcome.rejection.kind}`)
    this.world.view.apply(outcome.access.writes)
    return outcome
  }

  #contracts(): readonly KnownContract[] {
    return [...this.#deployed].map(([address, { name, artefact }]) => {
      const { object, immutableReferences } = artefact.deployedBytecode
      const gaps = Object.values(immutableReferences).flat() as {
        readonly start: number
        readonly length: number
      }[]
      const code = this.world.view.code(this.world.view.account(address)!.codeHash)
      return {
        address,
        artefact: readFoundryArtefact(artefact, name, sourcePaths())!,
        fits: compareRuntime(toTemplate(object, gaps)!, code),
      }
    })
  }
}

let paths: ReadonlyMap<number, string> | undefined

function sourcePaths(): ReadonlyMap<number, string> {
  if (paths !== undefined) return paths
  buildContracts()
  const folder = join(checkout, 'out', 'build-info')
  const infos = readdirSync(folder).map(
    (name) =>
      JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
        readonly source_id_to_path: Readonly<Record<string, string>>
      },
  )
  const entries = infos.flatMap((info) => Object.entries(info.source_id_to_path))
  return (paths = new Map(entries.map(([id, path]) => [Number(id), path])))
}

let texts: ReadonlyMap<string, string> | undefined

function sourceTexts(): ReadonlyMap<string, string> {
  texts ??= new Map(
    [...sourcePaths().values()].map((path) => [path, readFileSync(join(checkout, path), 'utf8')]),
  )
  return texts
}
