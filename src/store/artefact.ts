import { readWasm } from '../primitives/wasm-file.ts'

/** What the module of `assembly/index.ts` exports. Pointers are numbers; a root is a node or 0. */
export interface StoreExports {
  batchAt(): number
  batchRoom(): number
  keyAt(): number
  outAt(): number
  recordAt(): number
  recordRoom(): number
  retain(root: number): number
  drop(root: number): void
  sweep(count: number): number
  usedBytes(): number
  madeCount(): number
  evict(count: number): void
  apply(root: number, batch: number, size: number): number
  seal(root: number, at: number): void
  survey(root: number): number
  divide(root: number): void
  subtriesAt(): number
  subtrieCount(): number
  replace(place: number): void
  rootHash(out: number, root: number): void
  hashCount(): number
  loadCount(): number
  leafCount(): number
  leafSize(): number
  find(root: number, key: number): number
  nodeAt(place: number, at: number): number
  prove(root: number, key: number): void
  collect(root: number, next: number): number
  markStored(root: number): void
  writeRoot(root: number): number
  readRoot(): number
  leavesApart(old: number, next: number): void
  branchesApart(old: number, next: number): void
  superseded(old: number, next: number): void
  childrenOf(id: number): void
}

/** Pages of 64 KiB that the module begins with, and the most that it may have: 2 GiB. */
const [FIRST_PAGES, MOST_PAGES] = [16, 32_768]

/** Nodes' memory, which other threads may be given: zeros. */
export function newMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: MOST_PAGES, shared: true })
}

let compiled: WebAssembly.Module | undefined

/** The artefact, compiled at the first call (2 ms). */
export function storeModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readWasm('store'))
  return compiled
}
