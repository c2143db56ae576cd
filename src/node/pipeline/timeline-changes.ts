import type { ConsensusChange } from '../../rpc/consensus-port.ts'
import { describeTimeline } from './describe.ts'
import type { Pipeline } from './pipeline.ts'

/** So many of the newest blocks are looked at: older ones do not change. */
const BLOCKS = 64

/**
 * Tells of a pipeline's timeline, first all of it and then what is new or has changed. What happens in one turn of the event loop is
 * told together. @returns what ends it
 */
export function followTimeline(
  pipeline: Pipeline,
  listener: (change: ConsensusChange) => void,
): () => void {
  const blocks = new Told()
  const rounds = new Told()
  let [epoch, last] = [-1, '']
  let due: NodeJS.Immediate | undefined
  const tell = (): void => {
    due = undefined
    const { faults, ...now } = describeTimeline(pipeline, BLOCKS)
    if (now.epoch !== epoch) {
      epoch = now.epoch
      blocks.forget()
      rounds.forget()
    }
    const standsStill = pipeline.stillness ?? null
    const changed = {
      blocks: now.blocks.filter((it) => blocks.isNew(it.id, it)),
      rounds: now.rounds.filter((it) => rounds.isNew(String(it.round), it)),
    }
    // How long it has stood still goes on by itself.
    const rest = JSON.stringify([faults, standsStill !== null])
    if (rest === last && changed.blocks.length + changed.rounds.length === 0) return
    last = rest
    listener({ ...now, ...changed, faults, standsStill })
  }
  const mark = (): void => {
    due ??= setImmediate(tell)
  }
  const stop = pipeline.listen(mark)
  mark()
  return () => {
    stop()
    if (due !== undefined) clearImmediate(due)
  }
}

/** What a listener knows, by its name. */
class Told {
  readonly #texts = new Map<string, string>()

  /** Whether it is news; then it is known from here on. */
  isNew(name: string, value: object): boolean {
    const text = JSON.stringify(value)
    if (this.#texts.get(name) === text) return false
    this.#texts.delete(name)
    this.#texts.set(name, text)
    // What is long past is not asked for again.
    if (this.#texts.size > 8 * BLOCKS) this.#texts.delete(this.#texts.keys().next().value!)
    return true
  }

  forget(): void {
    this.#texts.clear()
  }
}
