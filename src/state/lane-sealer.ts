import { readWasm } from '../primitives/wasm-file.ts'
import type { SealTask } from '../store/seal-together.ts'
import { SubtrieBoard } from '../store/subtrie-board.ts'

/** What a thread is called to: the nodes of a state, and what is to be hashed of them. */
export type LaneSealing = SealTask

/** See `store/assembly/sealer.ts`. */
interface SealerExports {
  seal(node: number, at: number): void
  hashCount(): number
}

let compiled: WebAssembly.Module | undefined

/** A word of the nodes' memory below all that lies in it: 1 while a thread uses the sealer's data there. One that failed never leaves. */
const SEAT = 16

/** A thread's part in hashing a state: subtries one after another, until none is left. Nothing, if another is at it. Blocks its thread. */
export function helpToSeal({ nodes, board: memory }: LaneSealing): void {
  const seat = new Int32Array(nodes.buffer, 0, SEAT + 1)
  if (Atomics.compareExchange(seat, SEAT, 0, 1) !== 0) return
  const board = new SubtrieBoard(memory)
  if (!board.isClosed) serve(board, nodes)
  Atomics.store(seat, SEAT, 0)
}

function serve(board: SubtrieBoard, nodes: WebAssembly.Memory): void {
  compiled ??= new WebAssembly.Module(readWasm('sealer'))
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory: nodes } })
  const fn = exports as unknown as SealerExports
  const view = new DataView(nodes.buffer)
  board.serve(({ place, at }) => {
    const before = fn.hashCount()
    fn.seal(view.getUint32(place, true), at)
    return (fn.hashCount() - before) >>> 0
  })
}
