import { MessageChannel } from 'node:worker_threads'
import type { Piscina } from 'piscina'
import { whenHere } from '../../state/absent.ts'
import type { StateView } from '../../state/view.ts'
import type { BlockEnv } from '../engine.ts'
import type {
  ScriptAnswer,
  ScriptJob,
  ScriptQuestion,
  ScriptReply,
  ScriptTask,
} from './protocol.ts'

/** A tracer that does not listen to its own clock is given this much more time, and then its thread ends. */
const GRACE_MS = 2_000
const THREADS = 2
const LIMITS = { stackSizeMb: 8, maxOldGenerationSizeMb: 512 }

/** Threads for tracers in JavaScript. The first trace starts one; idle ones end. */
export class ScriptPool {
  readonly #entry: URL
  #piscina: Promise<Piscina> | undefined

  /** @param entry the built worker */
  constructor(entry: URL) {
    this.#entry = entry
  }

  /** @param view the state before the transaction, as it stays until the answer */
  async trace(
    request: Omit<ScriptJob, 'env'>,
    env: BlockEnv,
    view: StateView,
  ): Promise<ScriptAnswer> {
    const piscina = await (this.#piscina ??= this.#start())
    const { port1: own, port2: port } = new MessageChannel()
    const bell = new Int32Array(new SharedArrayBuffer(4))
    const ending = new AbortController()
    let timer: NodeJS.Timeout | undefined
    own.on('message', (question: ScriptQuestion) => {
      if (question.kind === 'started') {
        timer = setTimeout(() => ending.abort(), request.timeoutMs + GRACE_MS)
        return
      }
      void reply(question, env, view).then((answer) => {
        own.postMessage(answer)
        Atomics.store(bell, 0, 1)
        Atomics.notify(bell, 0)
      })
    })
    try {
      const { rules, chainId, header, blobBaseFeeWei } = env
      const job = { ...request, env: { rules, chainId, header, blobBaseFeeWei } }
      const task: ScriptTask = { job, port, bell }
      return (await piscina.run(task, {
        transferList: [port],
        signal: ending.signal,
      })) as ScriptAnswer
    } catch (error) {
      if (ending.signal.aborted) return { kind: 'failed', message: 'execution timeout' }
      throw error
    } finally {
      clearTimeout(timer)
      own.close()
    }
  }

  async close(): Promise<void> {
    const starting = this.#piscina
    this.#piscina = undefined
    if (starting !== undefined) await (await starting).destroy().catch(() => undefined)
  }

  async #start(): Promise<Piscina> {
    const { Piscina: Pool } = await import('piscina')
    return new Pool({
      filename: this.#entry.href,
      minThreads: 0,
      maxThreads: THREADS,
      idleTimeout: 30_000,
      resourceLimits: LIMITS,
      recordTiming: false,
    })
  }
}

async function reply(
  question: Exclude<ScriptQuestion, { kind: 'started' }>,
  env: BlockEnv,
  view: StateView,
): Promise<ScriptReply> {
  try {
    return { kind: 'value', value: await whenHere(() => read(question, env, view)) }
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}

function read(
  question: Exclude<ScriptQuestion, { kind: 'started' }>,
  env: BlockEnv,
  view: StateView,
): Extract<ScriptReply, { kind: 'value' }>['value'] {
  switch (question.kind) {
    case 'account':
      return view.account(question.address)
    case 'slot':
      return view.slot(question.address, question.key)
    case 'code':
      return view.code(question.hash)
    case 'hasStorage':
      return view.hasStorage(question.address)
    case 'blockHash':
      return env.blockHash(question.number)
  }
}
