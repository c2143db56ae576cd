import type { StoreExports } from './artefact.ts'
import { SUBTRIE_BYTES } from './node-layout.ts'
import { type Subtrie, SubtrieBoard } from './subtrie-board.ts'

/** What a thread needs to help: the nodes, and what is to be hashed of them (`state/lane-sealer.ts`). */
export interface SealTask {
  readonly nodes: WebAssembly.Memory
  readonly board: SharedArrayBuffer
}

/** Calls a thread to a task, which it may begin late or never. @returns whether one was called */
export type CallSealer = (task: SealTask) => boolean

/** Fewer new nodes than this are hashed before another thread has woken up and taken its part (measured, see README.md). */
export const SHARED_FROM = 16_384
/** Milliseconds that are waited for a subtrie that another thread has begun: longer than any takes. */
const PATIENCE_MS = 2_000

/** A pass over what is not hashed below `root`, by this thread and one that `call` finds. */
export class SharedPass {
  readonly #fn: StoreExports
  readonly #nodes: WebAssembly.Memory
  readonly #board = new SubtrieBoard()
  readonly #patienceMs: number
  #isLost = false

  constructor(fn: StoreExports, nodes: WebAssembly.Memory, patienceMs: number = PATIENCE_MS) {
    this.#fn = fn
    this.#nodes = nodes
    this.#patienceMs = patienceMs
  }

  /** @param from with fewer new nodes nobody is called @returns how many nodes the other hashed; undefined when it did not end what it began */
  seal(root: number, call: CallSealer, from: number = SHARED_FROM): number | undefined {
    const fn = this.#fn
    let hashed = 0
    if (fn.survey(root) >= from) {
      if (fn.subtrieCount() === 0) fn.divide(root)
      this.#putListed()
      if (call({ nodes: this.#nodes, board: this.#board.memory })) {
        this.#sealAll()
        // Those of accounts, which name the roots of storage tries.
        fn.divide(root)
        this.#putListed()
        this.#sealAll()
        hashed = this.#board.close()
      }
    }
    fn.seal(root, 0)
    return this.#isLost ? undefined : hashed
  }

  #putListed(): void {
    for (const subtrie of this.#listed()) this.#board.put(subtrie)
  }

  #sealAll(): void {
    const board = this.#board
    for (let number = board.take(); number !== undefined; number = board.take()) {
      this.#sealOne(board.subtrie(number))
      board.end(number)
    }
    for (const subtrie of board.lost(this.#patienceMs)) {
      this.#isLost = true
      this.#fn.replace(subtrie.place)
      this.#sealOne(subtrie)
    }
  }

  #sealOne({ place, at }: Subtrie): void {
    const node = new DataView(this.#nodes.buffer).getUint32(place, true)
    this.#fn.seal(node, at)
  }

  #listed(): readonly Subtrie[] {
    const view = new DataView(this.#nodes.buffer)
    const from = this.#fn.subtriesAt()
    return Array.from({ length: this.#fn.subtrieCount() }, (_, index) => {
      const entry = from + index * SUBTRIE_BYTES
      return { place: view.getUint32(entry, true), at: view.getUint32(entry + 4, true) }
    })
  }
}
