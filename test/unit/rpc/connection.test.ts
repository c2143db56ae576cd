import { describe, expect, it } from 'vitest'

import type { ChainEvent } from '../../../src/rpc/backend.ts'
import type { Dispatcher } from '../../../src/rpc/dispatch.ts'
import type { Session } from '../../../src/rpc/session.ts'
import { Connection, type Link } from '../../../src/rpc/transport/connection.ts'
import { wireBackend } from '../../support/rpc.ts'

/** A client whose socket takes nothing: what is sent piles up. */
function stuckLink() {
  const done: string[] = []
  const state = { waiting: 0, dropped: false, paused: false }
  const link: Link = {
    buffered: () => state.waiting,
    send: (text) => {
      done.push(text)
      state.waiting += text.length
    },
    pause: () => void (state.paused = true),
    resume: () => void (state.paused = false),
    drop: () => void (state.dropped = true),
  }
  return { link, state, done }
}

/** Subscribes to new blocks at the first message, and answers with `answer`. */
function dispatcherOf(answer: string): Dispatcher {
  return {
    request: async () => null,
    handle: async (_: string, session: Session | undefined) => {
      session?.subscribe({ kind: 'newHeads' })
      return answer
    },
  }
}

describe('a client that does not read', () => {
  it('is not read from while its answers pile up', async () => {
    const { link, state } = stuckLink()
    const connection = new Connection(link, dispatcherOf('x'.repeat(2 ** 24)), wireBackend().events)
    connection.receive('{}')
    await expect.poll(() => state.paused).toBe(false)
    connection.receive('{}')
    await expect.poll(() => state.paused).toBe(true)
    expect(state.dropped).toBe(false)
  })

  it('is dropped when notifications pile up, and the chain goes on', async () => {
    const backend = wireBackend()
    const listeners = new Set<(event: ChainEvent) => void>()
    const events = {
      follow: () => () => undefined,
      listen(listener: (event: ChainEvent) => void) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    }
    const { link, state, done } = stuckLink()
    const connection = new Connection(link, dispatcherOf('{}'), events)
    connection.receive('{}')
    await expect.poll(() => listeners.size).toBe(1)
    const tell = (): void => {
      const event: ChainEvent = {
        kind: 'block',
        block: backend.chain.head(),
        logs: [],
        receipts: () => [],
        changes: () => [],
      }
      for (const listener of listeners) listener(event)
    }
    await expect.poll(() => done.length).toBe(1)
    tell()
    expect(state.dropped).toBe(false)
    state.waiting = 2 ** 27
    tell()
    expect(state.dropped).toBe(true)
    expect(listeners.size).toBe(0)
  })
})
