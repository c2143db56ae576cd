/** Lets jobs that change the chain run one at a time, in the order they came. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()
  #taken = 0

  /** How many came so far. */
  get taken(): number {
    return this.#taken
  }

  run<T>(job: () => T | Promise<T>): Promise<T> {
    this.#taken++
    const turn = this.#last.then(job)
    this.#last = turn.catch(() => undefined)
    return turn
  }
}
