import library from 'big-integer/BigInteger.min.js'
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { Account } from '../../model/account.ts'
import type { Hash } from '../../primitives/hex.ts'
import type { StateView } from '../../state/view.ts'
import type { Engine } from '../engine.ts'
import { type EngineName, loadEngine } from '../load.ts'
import type { ScriptAnswer, ScriptQuestion, ScriptReply, ScriptTask } from './protocol.ts'
import { ScriptFailure } from './sandbox.ts'
import { traceWithScript } from './script-tracer.ts'

const engines = new Map<EngineName, Promise<Engine>>()

/** The entry of a thread for tracers in JavaScript: Piscina calls it with one task at a time. */
export default async function run({ job, port, bell }: ScriptTask): Promise<ScriptAnswer> {
  const ask = asker(port, bell)
  const view: StateView = {
    account: (address) => ask({ kind: 'account', address }) as Account | undefined,
    slot: (address, key) => ask({ kind: 'slot', address, key }) as bigint,
    code: (hash) => ask({ kind: 'code', hash }) as Uint8Array,
    hasStorage: (address) => ask({ kind: 'hasStorage', address }) as boolean,
  }
  const env = {
    ...job.env,
    blockHash: (number: bigint) => ask({ kind: 'blockHash', number }) as Hash | undefined,
  }
  try {
    let engine = engines.get(job.engine)
    if (engine === undefined) engines.set(job.engine, (engine = loadEngine(job.engine)))
    port.postMessage({ kind: 'started' } satisfies ScriptQuestion)
    return { kind: 'traced', json: await traceWithScript(job, library, await engine, env, view) }
  } catch (error) {
    if (error instanceof ScriptFailure) return { kind: 'failed', message: error.message }
    throw error
  } finally {
    port.close()
  }
}

/** Asks the main thread, and waits. */
function asker(port: MessagePort, bell: Int32Array): (question: ScriptQuestion) => unknown {
  return (question) => {
    Atomics.store(bell, 0, 0)
    port.postMessage(question)
    Atomics.wait(bell, 0, 0)
    const received = receiveMessageOnPort(port) as { readonly message: ScriptReply } | undefined
    if (received === undefined) throw new Error('bug: the bell rang without an answer')
    if (received.message.kind === 'failed') throw new ScriptFailure(received.message.message)
    return received.message.value
  }
}
