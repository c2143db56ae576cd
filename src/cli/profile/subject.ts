import { existsSync } from 'node:fs'

import { DEFAULT_WINDOW, Misuse, windowOf } from './arguments.ts'
import { type Ask, defaultUrl } from './client.ts'
import { withNode } from './own-node.ts'
import { loadScenario } from './scenario/load.ts'
import { subjectOf } from './scenario/scenario.ts'

/** What a command looks at, and the node that it asks. */
export interface Looked {
  readonly ask: Ask
  /** As `parallel_*` methods take it. */
  readonly subject: object
  /** Which transactions these are when the user did not say. */
  readonly note: string | undefined
}

interface Values {
  readonly 'rpc-url'?: string | undefined
  readonly artifacts?: string | undefined
  readonly last?: string | undefined
  readonly blocks?: string | undefined
  readonly 'as-block'?: boolean | undefined
  readonly 'spread-senders'?: boolean | undefined
}

/** A window of a running node, or a scenario, which has a node of its own unless one is named. @throws {Misuse} */
export async function withSubject<T>(
  words: readonly string[],
  values: Values,
  work: (looked: Looked) => Promise<T>,
): Promise<T> {
  const [word, ...more] = words
  if (more.length > 0) throw new Misuse(`unexpected argument ${more[0]}`)
  const window = windowOf(word, values)
  const isNamed = [word, values.last, values.blocks].some((each) => each !== undefined)
  const note = isNamed ? undefined : DEFAULT_WINDOW
  if (window !== undefined) {
    return withNode(values['rpc-url'] ?? defaultUrl(), undefined, (ask) =>
      work({ ask, subject: window, note }),
    )
  }
  if (values['as-block'] === true || values['spread-senders'] === true) {
    throw new Misuse(
      'a scenario is one block already: --as-block and --spread-senders are for windows',
    )
  }
  requireScenario(word!)
  const url = values['rpc-url']
  return withNode(url, values.artifacts, (ask) =>
    restored(ask, url !== undefined, async () => {
      const scenario = await loadScenario(word!, ask, values.artifacts)
      return work({ ask, subject: subjectOf(scenario), note })
    }),
  )
}

/** A contract that says a scenario is deployed to say it: a node that is not ours goes back to where it was. */
async function restored<T>(ask: Ask, isOthers: boolean, work: () => Promise<T>): Promise<T> {
  if (!isOthers) return work()
  const before = await ask('eth_blockNumber')
  const snapshot = await ask('evm_snapshot')
  try {
    return await work()
  } finally {
    if ((await ask('eth_blockNumber')) !== before) await ask('evm_revert', snapshot)
  }
}

/** A word that is no window is a file, or the name of a contract. @throws {Misuse} */
function requireScenario(word: string): void {
  const isFile = existsSync(word) || existsSync(word.split(':')[0]!)
  if (isFile || /^(?:[\w./-]+\.sol:)?[A-Z_$][\w$]*$/.test(word)) return
  throw new Misuse(`${word}: expected a block, a window as 4..9, or the file of a scenario`)
}
