import { describe, expect, it } from 'vitest'

import { poppedBy, pushedBy } from '../../../../src/analysis/opcode-arity.ts'
import type { Executable } from '../../../../src/evm/engine.ts'
import { loadEthereumjsEngine, loadWasmEngine } from '../../../../src/evm/load.ts'
import { FORKS, type ForkName } from '../../../../src/model/fork.ts'
import type { Address } from '../../../../src/primitives/hex.ts'
import { type Alloc, TestWorld, account } from '../../../contract/engine-world.ts'
import { outcomeText } from './outcome-text.ts'

// Each instruction of each fork: its price, the items it needs, and the room it needs, alone and before others.

const wasm = await loadWasmEngine()
const reference = await loadEthereumjsEngine()

const STACK_LIMIT = 1024
const PUSH1 = 0x60
const JUMPDEST = 0x5b
const POP = 0x50
const OPCODES = Array.from({ length: 256 }, (_, opcode) => opcode)

interface Program {
  readonly opcode: number
  readonly code: Uint8Array
}

/** So many zeros, the instruction, and what comes after. A jump goes behind itself. */
function program(opcode: number, items: number, after: readonly number[] = []): Program {
  const parts = Array.from({ length: Math.max(items, 0) }, () => [PUSH1, 0]).flat()
  parts.push(opcode)
  if ((opcode === 0x56 || opcode === 0x57) && items > 0) {
    // As PUSH2, in place of the last zero.
    const target = parts.length + 1
    parts.splice(-3, 2, 0x61, target >> 8, target & 255)
    parts.push(JUMPDEST)
  }
  const data = opcode >= 0x60 && opcode <= 0x7f ? opcode - 0x5f : 0
  for (let i = 0; i < data; i++) parts.push(0)
  return { opcode, code: Uint8Array.from([...parts, ...after]) }
}

function legacy(world: TestWorld, to: Address): Executable {
  const tx = world.transaction({ to, gasLimit: 200_000n })
  return { ...tx, type: 0, gasPriceWei: 100n, chainId: undefined } as Executable
}

/** What the reference says of each program, which our engine has to say too. */
async function compare(fork: ForkName, programs: readonly Program[]): Promise<string[]> {
  const alloc: Record<Address, Alloc[Address]> = {}
  for (const [index, { code }] of programs.entries()) {
    alloc[account(0x1000 + index)] = { code, balanceWei: 1n }
  }
  const [ours, theirs] = [wasm, reference].map((engine) => new TestWorld(engine, alloc, fork))
  const texts: string[] = []
  for (const [index, { opcode, code }] of programs.entries()) {
    const to = account(0x1000 + index)
    const wanted = outcomeText(await theirs!.run(legacy(theirs!, to)))
    const label = `${fork}, opcode ${opcode.toString(16)}, ${code.length} bytes`
    expect(outcomeText(await ours!.run(legacy(ours!, to))), label).toBe(wanted)
    texts.push(wanted.slice(0, wanted.indexOf('\n')))
  }
  return texts
}

/** The opcodes whose price or existence a fork changed: what the reference says of them is not what it said. */
const told = new Map<number, string>()

const SAME: ReadonlySet<ForkName> = new Set(['muirGlacier', 'arrowGlacier', 'grayGlacier'])
const since = FORKS.indexOf((process.env['FORKS_SINCE'] ?? 'frontier') as ForkName)
const TESTED = FORKS.slice(since).filter((fork) => fork !== 'amsterdam' && !SAME.has(fork))

describe.each(TESTED)('instructions of %s', (fork) => {
  const changed: number[] = []

  it('cost what they cost', async () => {
    const texts = await compare(
      fork,
      OPCODES.map((opcode) => program(opcode, poppedBy(opcode))),
    )
    for (const [opcode, text] of texts.entries()) {
      if (told.get(opcode) !== text) changed.push(opcode)
      told.set(opcode, text)
    }
  })

  it('need the items that they take, and leave what they leave', async () => {
    const taking = changed.filter((opcode) => poppedBy(opcode) > 0)
    await compare(
      fork,
      taking.map((opcode) => program(opcode, poppedBy(opcode) - 1)),
    )
    const pops = (opcode: number): number[] => Array.from({ length: pushedBy(opcode) }, () => POP)
    await compare(
      fork,
      changed.flatMap((opcode) => [
        program(opcode, poppedBy(opcode), pops(opcode)),
        program(opcode, poppedBy(opcode), [...pops(opcode), POP]),
      ]),
    )
  })

  it('need room for what they leave', async () => {
    const most = (opcode: number): number =>
      STACK_LIMIT - Math.max(pushedBy(opcode) - poppedBy(opcode), 0)
    const growing = changed.filter((opcode) => most(opcode) < STACK_LIMIT)
    await compare(
      fork,
      changed.map((opcode) => program(opcode, most(opcode))),
    )
    await compare(
      fork,
      growing.map((opcode) => program(opcode, STACK_LIMIT)),
    )
  })
})
