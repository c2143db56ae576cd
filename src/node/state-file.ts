import { access, constants } from 'node:fs/promises'
import { dirname } from 'node:path'

import type { DevChain } from '../chain/dev-chain.ts'
import type { NodeConfig } from './config.ts'
import { dumpToFile, hasDump, loadFromFile } from './dump/dump-files.ts'

/** The files that a chain comes from and goes to, as `--state`, `--load-state` and `--dump-state` name them. */
export interface StateFiles {
  /** Writes the last dump, and no more after it. */
  close(): Promise<void>
}

export interface StateFilesParts {
  readonly dev: DevChain
  /** A dump at an interval that failed; there are more to come. */
  readonly onFailure: (error: unknown) => void
}

/**
 * Loads the state file there is, and dumps from then on.
 * @throws {DumpError} in one line naming the file and the entry
 * @throws {Error} when the settings exclude each other
 */
export async function openStateFiles(
  config: NodeConfig,
  parts: StateFilesParts,
): Promise<StateFiles> {
  checkFiles(config, parts.dev)
  const { stateFile, loadState } = config
  const source = stateFile !== undefined && (await hasDump(stateFile)) ? stateFile : loadState
  if (source !== undefined) await loadFromFile(parts.dev, source)
  const target = stateFile ?? config.dumpState
  if (target !== undefined) await checkTarget(target)
  if (target === undefined) return { close: async () => undefined }
  const { historicalStates } = config
  const dump = (): Promise<void> => dumpToFile(parts.dev, target, { historicalStates })
  let running: Promise<void> | undefined
  const timer = setInterval(() => {
    running ??= dump()
      .catch(parts.onFailure)
      .finally(() => (running = undefined))
  }, config.stateIntervalMs)
  timer.unref()
  return {
    async close() {
      clearInterval(timer)
      await running
      await dump()
    },
  }
}

/** The end is late to learn that there is no such folder. @throws {Error} */
async function checkTarget(target: string): Promise<void> {
  try {
    await access(dirname(target), constants.W_OK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const reason = code === 'ENOENT' ? 'there is no such folder' : String(code)
    throw new Error(`the state cannot be dumped to ${target}: ${reason}`, { cause: error })
  }
}

function checkFiles({ stateFile, loadState, dumpState, dataDir }: NodeConfig, dev: DevChain): void {
  if (stateFile !== undefined && (loadState ?? dumpState) !== undefined) {
    throw new Error('--state stands for both --load-state and --dump-state: give it alone')
  }
  if (dataDir === undefined) return
  if (stateFile !== undefined) {
    throw new Error('--state and --data-dir both keep the chain: give one of them')
  }
  const { head, genesis } = dev.chain.history
  if (loadState !== undefined && head.block.hash !== genesis.block.hash) {
    throw new Error(`the data folder ${dataDir} has a chain already: --load-state needs a new one`)
  }
}
