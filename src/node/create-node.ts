import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { fileURLToPath } from 'node:url'

import type { DevChain } from '../chain/dev-chain.ts'
import type { Namer } from '../chain/record-block.ts'
import { loadEngine, warmUpEngine } from '../evm/load.ts'
import { ScriptPool } from '../evm/script/pool.ts'
import { poolFor } from '../executor/executors.ts'
import { Lanes } from '../executor/lane/lanes.ts'
import { SwitchableExecutor } from '../executor/switchable.ts'
import { type ForkName, rulesAt } from '../model/fork.ts'
import { bytesToHash } from '../primitives/hex.ts'
import { activeBackend } from '../primitives/secp256k1.ts'
import type { Backend } from '../rpc/backend.ts'
import type { NodeInfo } from '../rpc/node-info.ts'
import { serverError } from '../rpc/error.ts'
import { compatHardhat } from '../rpc/methods/compat-hardhat.ts'
import { type Rpc, createRpc } from '../rpc/rpc.ts'
import { deriveAccounts } from './accounts.ts'
import { Artefacts } from './artefacts.ts'
import { chainPort } from './backend/chain.ts'
import { contractPort } from './backend/contracts.ts'
import { consensusPort } from './backend/consensus.ts'
import { controlPort } from './backend/control.ts'
import { eventPort } from './backend/events.ts'
import { type ParallelFeeds, openFeeds } from './backend/feeds.ts'
import { executionPort } from './backend/execution.ts'
import { feePort } from './backend/fees.ts'
import type { Filler } from './backend/fill.ts'
import { inspectPort } from './backend/inspect.ts'
import { parallelPort } from './backend/parallel.ts'
import { poolPort } from './backend/pool.ts'
import { profilerPort } from './backend/profiler/port.ts'
import type { Forking } from './fork/forking.ts'
import {
  type RestartParts,
  describeForking,
  onFork,
  openForking,
  restart,
} from './fork/node-fork.ts'
import { PassOn, readyAfter } from './fork/pass-on.ts'
import { RemoteError } from './fork/remote.ts'
import { Resolver } from './backend/resolve.ts'
import { statePort } from './backend/state.ts'
import { tracerMaker } from './backend/tracing.ts'
import type { NodeConfig } from './config.ts'
import { DEFAULT_SERVER_CONFIG } from './defaults.ts'
import { keepSettings } from './kept-settings.ts'
import { type LazyEngine, lazyEngine } from './lazy-engine.ts'
import { Miner } from './miner.ts'
import { describeRules, gasRules, wholeConfig } from './network.ts'
import type { HeddleNode } from './node.ts'
import { forgetDecided } from './pipeline/decided.ts'
import { describeTiming, openPipeline } from './pipeline/open.ts'
import type { Pipeline } from './pipeline/pipeline.ts'
import { pipelineOf, withConsensus } from './pipeline/settings.ts'
import { watchNonces } from './nonce-watch.ts'
import { openDevChain } from './open-dev-chain.ts'
import { artefactNamer } from './profiler/namer.ts'
import { Reporter } from './reporter.ts'
import { callMeaning } from './stack/call-meaning.ts'
import { Explainer } from './stack/explain.ts'
import { checkForkable, startChain } from './start-chain.ts'
import { verificationPort } from './verification/verifier.ts'
import { VERSION } from './version.ts'
import { Wallet } from './wallet.ts'

const REMEDY =
  'free space: it goes on within seconds of a full disk, after another fault start again'

/** The built page. */
const PAGE_FOLDER = fileURLToPath(new URL('../ui', import.meta.url))

/** The built workers. */
const WORKER_ENTRY = new URL('../executor/lane/worker.js', import.meta.url)
const SCRIPT_ENTRY = new URL('../evm/script/worker.js', import.meta.url)

/**
 * A node in this process. Nothing listens until `serve`; `request` works at once.
 * @param given what differs from the defaults
 * @throws {StartError | KvError} when genesis, import or data folder cannot be used: one line for the user
 */
export async function createNode(given: Partial<NodeConfig> = {}): Promise<HeddleNode> {
  const wanted = pipelineOf(given)
  const options = withConsensus(given)
  const plain = wholeConfig(options)
  checkForkable(plain)
  const wallet = new Wallet(deriveAccounts(plain.accounts))
  const forking = await openForking(plain, options, wallet)
  const config = onFork(plain, options, forking)
  const engine = lazyEngine(config.engine, () => loadEngine(config.engine))
  const pool = poolFor(config, WORKER_ENTRY)
  const executor = new SwitchableExecutor(config, engine, pool, WORKER_ENTRY)
  const notice = (text: string, level: 'info' | 'warn' | 'error' = 'error'): void =>
    reporter.tell({ kind: 'notice', level, text })
  const artefacts = new Artefacts(config.artefactDirs, process.cwd(), (path) =>
    notice(`the artefact ${path} is no JSON: it is left out`, 'warn'),
  )
  const namer = artefactNamer(artefacts)
  const explainer = new Explainer(artefacts)
  const reporter = new Reporter(artefacts, namer, explainer, config.printTraces)
  let toldOf: unknown
  const started = await startChain(config, wallet, executor, forking, {
    onFailure(error) {
      // Pruning may have met it before.
      if (error === toldOf) return
      toldOf = error
      notice(`${messageOf(error)}; no more blocks are made, what is in memory can still be read`)
    },
    onRecovered() {
      notice('the disk has room again: what was due is written, and blocks are made', 'info')
      miner.arrived()?.catch(() => undefined)
    },
  })
  const { disk } = started
  started.chain.head.version.arena.callSealer = (task) => pool.helpToSeal(task)
  const { dev, files, kept } = await openDevChain(config, options, started, (error) =>
    notice(messageOf(error)),
  )
  reporter.follow(dev, engine)
  const stopWatching = watchNonces(dev, (text) => notice(text, 'warn'))
  const mining = options.mining ?? kept?.mining ?? config.mining
  const miner = new Miner(dev, mining, (error) => {
    // A disk that failed has been told of.
    if (error === disk?.failure) return
    notice(`mining failed: ${messageOf(error)}`)
  })
  if (disk !== undefined) keepSettings(dev, miner, disk)
  if (disk !== undefined && wanted === undefined) forgetDecided(disk)
  const { network } = config
  const pipeline = wanted && (await openPipeline(wanted, { dev, disk, notice, network }))
  const lanes = new Lanes(pool)
  const scripts = new ScriptPool(SCRIPT_ENTRY)
  const { feeds, foresight } = openFeeds(dev, engine, executor)
  const parts = {
    feeds,
    config,
    given: options,
    wallet,
    engine,
    dev,
    miner,
    pipeline,
    lanes,
    scripts,
    executor,
    reporter,
    explainer,
    started,
    artefacts,
    namer,
    forking,
  }
  const backend = createBackend(parts)
  const passOn = new PassOn(dev, config.slotsInAnEpoch, () => forking.block, pipeline)
  const rpc = createRpc(backend, {
    ...(config.compat === 'hardhat' && { methods: [compatHardhat] }),
    elsewhere: (method, args, local) => passOn.answer(method, args, local),
    readyAfter,
    onRequest({ method, ms, error }) {
      reporter.tell({
        kind: 'request',
        method,
        ms,
        error: error && {
          code: error.code,
          message: error.message,
          ...(error.trace.length > 0 && { trace: error.trace }),
        },
      })
    },
    errorOf(error) {
      if (error instanceof RemoteError) return serverError(error.message)
      return error !== undefined && error === disk?.failure
        ? serverError(`no more blocks are made: ${messageOf(error)}; ${REMEDY}`)
        : undefined
    },
    onBug(error, method) {
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
      notice(`${method}: a bug: ${detail}`)
    },
  })
  const close = async (): Promise<void> => {
    // What came is finished, and mined.
    await rpc.close()
    stopWatching()
    miner.close()
    await pipeline?.close()
    foresight.close()
    await executor.close()
    await pool.close()
    await scripts.close()
    await forking.leave()
    await reporter.settled()
    artefacts[Symbol.dispose]()
    try {
      await files.close()
    } finally {
      await disk?.close()
    }
  }
  return {
    ...faceOf({ config, pipeline, dev, wallet, rpc, reporter, artefacts, engine, forking }),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

interface Parts extends RestartParts {
  readonly engine: LazyEngine
  readonly miner: Miner
  readonly pipeline: Pipeline | undefined
  readonly lanes: Lanes
  readonly scripts: ScriptPool
  readonly executor: SwitchableExecutor
  readonly feeds: ParallelFeeds
  readonly reporter: Reporter
  readonly explainer: Explainer
  readonly artefacts: Artefacts
  readonly namer: Namer
}

function createBackend(parts: Parts): Backend {
  const { config, wallet, engine, dev, miner, lanes, executor, reporter, artefacts } = parts
  const { namer, forking, feeds, pipeline } = parts
  const { disk, states, settled } = parts.started
  const resolver = new Resolver(dev, config.slotsInAnEpoch, settled, pipeline)
  const fees = feePort(dev, resolver, config)
  const filler: Filler = {
    dev,
    engine,
    fees,
    target: async () => resolver.headTarget(),
  }
  const instanceId = bytesToHash(randomBytes(32))
  const tracerFor = tracerMaker(parts.scripts, config.engine)
  let lastBlockAtMs: number | undefined
  dev.listen(({ kind }) => {
    if (kind === 'mined' || kind === 'imported') lastBlockAtMs = Date.now()
  })
  return {
    chain: chainPort(
      dev,
      resolver,
      () => forking.block,
      () => pipeline?.preview,
    ),
    state: statePort(dev, resolver),
    fees,
    pool: poolPort({ dev, miner, wallet, lanes, filler }),
    accounts: {
      addresses: () => wallet.accounts.map(({ address }) => address),
      sign: (address, digest) => wallet.sign(address, digest),
    },
    execution: executionPort({
      dev,
      engine,
      resolver,
      tracerFor,
      onCall: (outcome, view, again) => reporter.hearCall(outcome, view, again),
      meaningOf: callMeaning(parts.explainer, artefacts),
    }),
    inspect: inspectPort({ dev, engine, resolver, explainer: parts.explainer, tracerFor }),
    contracts: contractPort({
      dev,
      engine,
      resolver,
      artefacts,
      namer,
      limits: config,
      accounts: wallet.accounts.map(({ address }) => address),
    }),
    verification: verificationPort({
      chain: dev.chain,
      artefacts,
      disk,
      root: process.cwd(),
      tell: (text, level) => reporter.tell({ kind: 'notice', level, text }),
    }),
    parallel: parallelPort({
      dev,
      engine,
      resolver,
      workerEntry: WORKER_ENTRY,
      own: executor,
      feeds,
      namer,
    }),
    consensus: consensusPort(dev, config, gasRules(config.network), pipeline),
    profiler: profilerPort({ dev, engine, resolver, artefacts, namer, limits: config }),
    control: controlPort({
      dev,
      engine,
      miner,
      pipeline,
      disk,
      states,
      setLogging: (on) => reporter.setLogging(on),
      forking,
      restart: (target) => restart(parts, target),
    }),
    events: eventPort(dev, feeds, pipeline),
    info: (): NodeInfo => ({
      clientVersion: `heddle/v${VERSION}`,
      instanceId,
      hardfork: config.hardfork,
      engine: engine.name,
      executor: dev.chain.executor.name,
      transactionOrder: config.order,
      gasLimit: dev.settings.gasLimit,
      keptStates: dev.chain.history.keptStates,
      lastBlockAtMs,
      failure: disk?.failure === undefined ? undefined : messageOf(disk.failure),
      genesisTimestamp: dev.chain.history.genesis.block.header.timestamp,
      snapshots: dev.snapshots().map(({ id, number }) => ({ id, blockNumber: number })),
      fork: forking.info(),
    }),
  }
}

/** A genesis file decides, not the settings. */
function rulesOfHead({ chain }: DevChain): ForkName {
  const { number, timestamp } = chain.head.block.header
  return rulesAt(chain.config, number, timestamp).fork
}

interface FaceParts {
  readonly pipeline: Pipeline | undefined
  readonly dev: DevChain
  readonly config: NodeConfig
  readonly wallet: Wallet
  readonly rpc: Rpc
  readonly reporter: Reporter
  readonly artefacts: Artefacts
  readonly engine: LazyEngine
  readonly forking: Forking
}

/** What users hold of a node, apart from closing it. */
function faceOf(parts: FaceParts): Omit<HeddleNode, 'close' | typeof Symbol.asyncDispose> {
  const { config, pipeline, dev, wallet, rpc, reporter, artefacts, engine, forking } = parts
  const listeners = new EventEmitter()
  const provider = rpc.connect((message) => listeners.emit('message', message))
  return {
    config,
    accounts: wallet.accounts,
    request: (args) => provider.request(args),
    on: (event, listener) => void listeners.on(event, listener),
    removeListener: (event, listener) => void listeners.removeListener(event, listener),
    listen: (listener, hears = 'everything') => reporter.listen(listener, hears),
    async serve(server = {}) {
      const { ui, ...options } = { ...DEFAULT_SERVER_CONFIG, ...server }
      const address = await rpc.serve({ ...options, pageFolder: ui ? PAGE_FOLDER : undefined })
      // The first call should not wait for these, and start-up should not either.
      setImmediate(() => {
        void engine
          .load()
          .then(warmUpEngine)
          .catch(() => undefined)
        void artefacts.load()
      })
      return address
    },
    describe: () => ({
      storage:
        config.dataDir === undefined
          ? 'memory (--data-dir .heddle to keep)'
          : `folder ${config.dataDir}`,
      rules: describeRules(rulesOfHead(dev), dev.chain.config.network),
      timing: describeTiming(config, pipeline),
      engine: engine.name,
      executor: executorLine(config),
      signatures: activeBackend(),
      artefacts: artefacts.describe(),
      fork: describeForking(forking),
    }),
  }
}

function executorLine({ executor, workers }: NodeConfig): string {
  const threads = `${workers} ${workers === 1 ? 'thread' : 'threads'}`
  return executor === 'serial' ? `serial, ${threads} for signatures` : `${executor}, ${threads}`
}
