import type { Dispatcher } from '../dispatch.ts'

/** Counts the messages that are being answered, so that closing can wait for them. */
export class InFlight {
  #count = 0
  #onIdle: (() => void)[] = []

  /** `dispatcher`, counted. */
  counting(dispatcher: Dispatcher): Dispatcher {
    return {
      request: (method, params, session) => dispatcher.request(method, params, session),
      handle: (text, session) => {
        const answer = dispatcher.handle(text, session)
        if (answer instanceof Promise) {
          this.#count++
          // It never rejects.
          void answer.then(this.#done)
        }
        return answer
      },
    }
  }

  readonly #done = (): void => {
    this.#count--
    if (this.#count === 0) for (const told of this.#onIdle.splice(0)) told()
  }

  /** Resolves when nothing is being answered, or after `limitMs`. */
  async idle(limitMs: number): Promise<void> {
    if (this.#count === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limitMs)
      this.#onIdle.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}
