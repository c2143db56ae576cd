/** Work in parts: each `yield` is a place where others may have a turn. What comes of it does not depend on whether they do. */
export type Slices<T> = Generator<undefined, T, void>

/** After this long others get a turn, in milliseconds. */
const SLICE_MS = 10

/** Does it all in one turn of the event loop. */
export function atOnce<T>(work: Slices<T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done === true) return value
  }
}

/** Does it in turns of about 10 ms, as far as the work's parts are shorter. */
export async function inTurns<T>(work: Slices<T>): Promise<T> {
  const pace = new Pace()
  for (;;) {
    const { done, value } = work.next()
    if (done === true) return value
    await pace.turn()
  }
}

/** Tells a loop when to let the event loop go on. */
export class Pace {
  #sinceMs = performance.now()

  /** A promise when others are due; wait for it. */
  turn(): Promise<void> | undefined {
    if (performance.now() - this.#sinceMs < SLICE_MS) return undefined
    return new Promise((done) =>
      setImmediate(() => {
        this.#sinceMs = performance.now()
        done()
      }),
    )
  }
}
