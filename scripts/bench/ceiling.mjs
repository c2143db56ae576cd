// What two threads gain over one on this machine: this thread and another count down, together and alone.
import { Worker, isMainThread, workerData } from 'node:worker_threads'
import { median } from './stats.mjs'

const turns = 4_000_000
const [asked, answered] = [0, 1]

function spin(count) {
  let x = 1
  for (let i = 0; i < count; i++) x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0
  return x
}

if (!isMainThread) {
  const words = new Int32Array(workerData)
  for (let round = 1; ; round++) {
    while (Atomics.load(words, asked) < round) Atomics.wait(words, asked, round - 1, 1000)
    spin(turns / 2)
    Atomics.store(words, answered, round)
  }
}

/**
 * Starts the second thread.
 * @returns {{ measure(): number, close(): Promise<number> }} `measure` says how many times faster both are than one: the median of nine
 */
export function openCeiling() {
  const words = new Int32Array(new SharedArrayBuffer(8))
  const worker = new Worker(new URL(import.meta.url), { workerData: words.buffer })
  let round = 0
  const together = () => {
    round++
    Atomics.store(words, asked, round)
    Atomics.notify(words, asked)
    spin(turns / 2)
    while (Atomics.load(words, answered) < round) {
      // Its half is not done yet.
    }
  }
  const timed = (run) => {
    const start = performance.now()
    run()
    return performance.now() - start
  }
  return {
    measure() {
      const ratios = []
      together()
      for (let i = 0; i < 9; i++) ratios.push(timed(() => spin(turns)) / timed(together))
      return median(ratios)
    },
    close: () => worker.terminate(),
  }
}
