import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { compileFile } from '../../scripts/wasm.mjs'
import type { StateFunctions } from '../../src/evm/wasm/machine.ts'
import { putAddress, putHash, putKey, putWord } from '../../src/primitives/limbs.ts'
import type { Address, Slot } from '../../src/primitives/hex.ts'
import type { StateView } from '../../src/state/view.ts'

const SOURCE = 'test/support/assembly/state-source.ts'
const cache = fileURLToPath(new URL('../../.cache/wasm/', import.meta.url))

interface Exports extends StateFunctions {
  readonly memory: { readonly buffer: ArrayBuffer }
  clear(): void
  newAccount(): number
  newSlot(): number
}

/** A second instance that finds state for an engine: a table that a test fills from a view. */
export interface StateSource {
  readonly functions: StateFunctions
  clear(): void
  /** @param isLater the engine is told to wait, until `settle` */
  addAccount(view: StateView, address: Address, isLater: boolean, knowsStorage?: boolean): void
  addSlot(view: StateView, address: Address, key: Slot, isLater: boolean): void
  /** What was to be there later is there. */
  settle(): void
}

export async function loadStateSource(): Promise<StateSource> {
  const text = readFileSync(fileURLToPath(new URL(`../../${SOURCE}`, import.meta.url)))
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16)
  const path = `${cache}state-source-${hash}.wasm`
  if (!existsSync(path)) {
    mkdirSync(cache, { recursive: true })
    await compileFile(SOURCE, path)
  }
  const module = await WebAssembly.compile(readFileSync(path))
  const fn = new WebAssembly.Instance(module, {}).exports as unknown as Exports
  const u32 = new Uint32Array(fn.memory.buffer)
  const u64 = new BigUint64Array(fn.memory.buffer)
  const handles = new Map<Address, number>()
  let later: number[] = []
  const mark = (at: number, isLater: boolean): void => {
    u64[at >>> 3] = isLater ? 1n : 0n
    if (isLater) later.push(at)
  }
  return {
    functions: fn,
    clear() {
      fn.clear()
      handles.clear()
      later = []
    },
    addAccount(view, address, isLater, knowsStorage = true) {
      const at = handles.get(address) ?? fn.newAccount()
      handles.set(address, at)
      putAddress(u32, at >>> 2, address)
      mark(at + 24, isLater)
      const account = view.account(address)
      u64.fill(0n, (at + 32) >>> 3, (at + 112) >>> 3)
      if (account === undefined) return
      const storage = knowsStorage ? (view.hasStorage(address) ? 6n : 2n) : 0n
      u64[(at + 32) >>> 3] = 1n | storage
      u64[(at + 40) >>> 3] = account.nonce
      putWord(u64, (at + 48) >>> 3, account.balanceWei)
      putHash(u32, (at + 80) >>> 2, account.codeHash)
    },
    addSlot(view, address, key, isLater) {
      const at = fn.newSlot()
      u64[at >>> 3] = BigInt(handles.get(address)!)
      mark(at + 8, isLater)
      putKey(u32, (at + 16) >>> 2, key)
      putWord(u64, (at + 48) >>> 3, view.slot(address, key))
    },
    settle() {
      for (const at of later) u64[at >>> 3] = 0n
      later = []
    },
  }
}
