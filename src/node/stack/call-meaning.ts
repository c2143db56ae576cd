import type { CallTarget } from '../../chain/simulate.ts'
import type { Outcome } from '../../evm/engine.ts'
import type { Observer } from '../../evm/observer.ts'
import { createFrameStory } from '../../evm/tracer/frame-story.ts'
import type { Soon } from '../../primitives/soon.ts'
import type { FailureMeaning } from '../../rpc/call-port.ts'
import type { Artefacts } from '../artefacts.ts'
import { customErrorText } from '../labels.ts'
import { type Explainer, runningCode, stackLines } from './explain.ts'
import type { FailureKind } from './infer.ts'

/** A call is followed step by step in the main thread, some twenty million gas a second. */
const MOST_GAS = 5_000_000n
/** A project of thousands of artefacts takes seconds to read at first; an answer does not wait for that. */
const MOST_WAIT_MS = 250

/** Their messages are of the artefacts, or repeat the error. */
const SAYS_NOTHING: ReadonlySet<FailureKind> = new Set([
  'revert',
  'unrecognisedContract',
  'unrecognisedCreation',
  'other',
])

/**
 * Says of calls and estimates that failed what a mined transaction's log says: a custom error by its name, why there is no revert data, and
 * the lines of Solidity. The call runs once more for it, so only when there is an artefact that could name anything.
 */
export function callMeaning(explainer: Explainer, artefacts: Artefacts) {
  return async (
    failure: Extract<Outcome, { readonly kind: 'revert' | 'halt' }>,
    { view, env }: CallTarget,
    again: (observer: Observer) => Soon<Outcome>,
  ): Promise<FailureMeaning | undefined> => {
    await within(MOST_WAIT_MS, explainer.load())
    const { output, gasUsed } = failure
    if (!explainer.knowsContracts || gasUsed > MOST_GAS) {
      const text = failure.kind === 'revert' ? customErrorText(output, artefacts) : undefined
      return text === undefined ? undefined : { text, stack: [] }
    }
    const story = createFrameStory(true)
    await again(story.observer)
    const why = await explainer.failure(story, view, env.rules)
    if (why === undefined) return undefined
    const called = story.story()!.root.codeAddress
    const said = customErrorText(output, artefacts, runningCode(view, called))
    const inferred = SAYS_NOTHING.has(why.kind) ? undefined : why.message
    const isNamed = why.frames.some(({ contract }) => contract !== undefined)
    return {
      text: output.length === 0 ? inferred : said,
      stack: isNamed ? stackLines(why) : [],
    }
  }
}

/** Resolves when `work`, which never rejects, is done, or so many milliseconds have gone by. */
function within(ms: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    void work.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
