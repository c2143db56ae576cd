import { ENGINE_NAMES } from '../../evm/load.ts'
import { EXECUTOR_NAMES } from '../../executor/names.ts'
import { DEFAULT_NODE_CONFIG } from '../../node/defaults.ts'
import { engine, executor, workers } from '../option-readers.ts'
import { integer, list, yesNo } from '../readers.ts'
import type { ExecutionSettings } from '../settings.ts'
import type { OptionSpecs } from './spec.ts'

const MAX_RECORDED = 100_000
const node = DEFAULT_NODE_CONFIG

/** What executes, and what is kept of it. */
export const EXECUTION_OPTIONS: OptionSpecs<ExecutionSettings> = {
  engine: {
    group: 'Execution:',
    flags: '--engine <name>',
    help: 'what executes a transaction: wasm, or the reference ethereumjs (default wasm)',
    choices: ENGINE_NAMES,
    read: engine,
  },
  executor: {
    group: 'Execution:',
    flags: '--executor <name>',
    help: 'how a block is executed: in parallel by optimistic, block-stm, dag or bal, or serial (default optimistic, where it gains)',
    choices: EXECUTOR_NAMES,
    read: executor,
  },
  workers: {
    group: 'Execution:',
    flags: '-j, --workers <number>',
    aliases: ['threads', 'jobs'],
    help: 'threads that run transactions and recover senders, auto for one a processor',
    read: workers,
  },
  forceParallel: {
    group: 'Execution:',
    flags: '--force-parallel',
    help: 'leave no block to serial execution because it would not gain',
    read: yesNo,
  },
  record: {
    group: 'Execution:',
    flags: '--record <blocks>',
    help: `keep how so many blocks ran, for parallel_* (default ${node.recordedBlocks})`,
    read: integer(0, MAX_RECORDED),
  },
  maxBundle: {
    group: 'Execution:',
    flags: '--max-bundle <transactions>',
    help: `most transactions parallel_* analyse together (default ${node.maxBundle})`,
    read: integer(1, 1_000_000),
  },
  maxRange: {
    group: 'Execution:',
    flags: '--max-range <blocks>',
    help: `most blocks parallel_* analyse together (default ${node.maxRange})`,
    read: integer(1, 1_000_000_000),
  },
  artefacts: {
    group: 'Execution:',
    flags: '--artefacts <folders>',
    aliases: ['artifacts'],
    help: 'where compiled contracts lie, with commas (default out,artifacts)',
    isPath: true,
    read: list('folders of compiled contracts'),
  },
}
