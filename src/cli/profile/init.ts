import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'

import { Misuse } from './arguments.ts'
import { askOver, defaultUrl } from './client.ts'
import { ScenarioError } from './scenario/scenario.ts'

/** Blocks that are looked through for calls, and calls that are taken. */
const BLOCKS = 1_000
const CALLS = 100

interface WireBlock {
  readonly transactions: readonly {
    readonly from: string
    readonly to: string | null
    readonly value: string
    readonly input: string
  }[]
}

/** Writes the chain's newest calls as a bundle, which checks run on the node's own state with `--rpc-url`. @returns the exit code */
export async function firstScenario(
  words: readonly string[],
  url: string | undefined,
): Promise<number> {
  const [file, ...more] = words
  if (file === undefined || !file.endsWith('.json') || more.length > 0) {
    throw new Misuse('--init: name the file to write, as scenario.json')
  }
  if (existsSync(file)) throw new Misuse(`--init: ${file} is there already`)
  const node = url ?? defaultUrl()
  const ask = askOver(node)
  const head = Number((await ask('eth_blockNumber')) as string)
  const calls: object[] = []
  for (let number = head; number > 0 && number > head - BLOCKS && calls.length < CALLS; number--) {
    const block = (await ask('eth_getBlockByNumber', `0x${number.toString(16)}`, true)) as WireBlock
    for (const { from, to, value, input } of block.transactions.toReversed()) {
      if (to === null || calls.length >= CALLS) continue
      calls.unshift({
        from,
        to,
        ...(value !== '0x0' && { value }),
        ...(input !== '0x' && { data: input }),
      })
    }
  }
  if (calls.length === 0)
    throw new ScenarioError(`the chain at ${node} has no calls yet: there is nothing to begin from`)
  await writeFile(file, `${JSON.stringify({ setup: [], transactions: calls }, null, 2)}\n`)
  process.stdout.write(
    `${file} has the newest ${calls.length} calls. Check it on the same chain:\n  heddle check ${file} --rpc-url ${node}\n`,
  )
  return 0
}
