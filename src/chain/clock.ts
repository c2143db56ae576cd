/** The chain's time. Seconds since 1970, as bigint. */

/** All that a snapshot keeps of a clock. */
export interface ClockState {
  /** Chain time is real time plus this. */
  readonly offset: bigint
  /** The exact time of the next block, set once. */
  readonly next: bigint | undefined
  /** Fixed distance between blocks, in place of the clock. */
  readonly interval: bigint | undefined
}

const RUNNING: ClockState = { offset: 0n, next: undefined, interval: undefined }

/** Decides block times. The source of real time is given, so that tests hold it still. */
export class Clock {
  #realSeconds: () => bigint
  #current: ClockState
  #onChange: () => void = () => undefined

  constructor(start: bigint | undefined, realSeconds: () => bigint = realClock) {
    this.#realSeconds = realSeconds
    this.#current = start === undefined ? RUNNING : { ...RUNNING, offset: start - realSeconds() }
  }

  get state(): ClockState {
    return this.#current
  }

  get #state(): ClockState {
    return this.#current
  }

  set #state(state: ClockState) {
    this.#current = state
    this.#onChange()
  }

  /** Real time comes from elsewhere from here on. */
  follow(realSeconds: () => bigint): void {
    this.#realSeconds = realSeconds
  }

  /** @param told of each change; there is one listener */
  listen(told: () => void): void {
    this.#onChange = told
  }

  restore(state: ClockState): void {
    this.#state = state
  }

  now(): bigint {
    return this.#realSeconds() + this.#state.offset
  }

  /** When a block on a parent of time `parent` would be mined: always later than it. @param given in place of the time that was set */
  peek(parent: bigint, given?: bigint): bigint {
    const { next, interval } = this.#state
    const time = given ?? next ?? (interval === undefined ? this.now() : parent + interval)
    return time > parent ? time : parent + 1n
  }

  /** The time of the block that is now mined. A time that was set, or is given, moves the clock along with it. */
  take(parent: bigint, given?: bigint): bigint {
    const time = this.peek(parent, given)
    if ((given ?? this.#state.next) !== undefined) {
      this.#state = { ...this.#state, next: undefined, offset: time - this.#realSeconds() }
    }
    return time
  }

  /** Moves the clock; the total offset to real time. */
  increase(seconds: bigint): bigint {
    this.#state = { ...this.#state, offset: this.#state.offset + seconds }
    return this.#state.offset
  }

  /** Sets the clock; the offset to real time. */
  set(time: bigint): bigint {
    this.#state = { ...this.#state, offset: time - this.#realSeconds() }
    return this.#state.offset
  }

  setNext(time: bigint): void {
    this.#state = { ...this.#state, next: time }
  }

  setInterval(seconds: bigint | undefined): void {
    this.#state = { ...this.#state, interval: seconds }
  }
}

function realClock(): bigint {
  return BigInt(Math.floor(Date.now() / 1000))
}
