import { whenHere } from '../state/absent.ts'
import type { ChangeSet } from '../state/access.ts'
import { Overlay } from '../state/overlay.ts'
import type { StateView } from '../state/view.ts'
import type { Chain } from './chain.ts'
import type { Turns } from './turns.ts'

/** What a cheat changes of the state that it finds. */
export type MakeChange = (view: StateView) => ChangeSet

interface Cheat {
  readonly make: MakeChange
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Changes of the head's state outside of any block. Those that wait for the same turn, such as a batch's, become one: each sees what those
 * before it did, and the state is made once.
 */
export class Cheats {
  readonly #chain: Chain
  readonly #turns: Turns
  readonly #write: (job: () => Promise<void>) => Promise<void>
  readonly #changed: () => void
  /** Those that wait, for the turn of this number. */
  #waiting: { readonly turn: number; readonly cheats: Cheat[] } | undefined

  /** @param write gives a job a turn in which the chain may change @param changed told when it has */
  constructor(
    chain: Chain,
    turns: Turns,
    write: (job: () => Promise<void>) => Promise<void>,
    changed: () => void,
  ) {
    this.#chain = chain
    this.#turns = turns
    this.#write = write
    this.#changed = changed
  }

  add(make: MakeChange): Promise<void> {
    return new Promise((resolve, reject) => {
      const cheat = { make, resolve, reject }
      if (this.#waiting?.turn === this.#turns.taken) {
        this.#waiting.cheats.push(cheat)
        return
      }
      const cheats = [cheat]
      this.#write(() => this.#run(cheats)).catch((error: unknown) => {
        for (const { reject: fail } of cheats) fail(error)
      })
      this.#waiting = { turn: this.#turns.taken, cheats }
    })
  }

  async #run(cheats: readonly Cheat[]): Promise<void> {
    if (this.#waiting?.cheats === cheats) this.#waiting = undefined
    const state = new Overlay(this.#chain.view(this.#chain.head.version))
    const made: Cheat[] = []
    for (const cheat of cheats) {
      try {
        const changes = whenHere(() => cheat.make(state))
        state.apply(changes instanceof Promise ? await changes : changes)
        made.push(cheat)
      } catch (error) {
        cheat.reject(error)
      }
    }
    if (made.length > 0) {
      this.#chain.change(state.changes)
      this.#changed()
    }
    for (const { resolve } of made) resolve()
  }
}
