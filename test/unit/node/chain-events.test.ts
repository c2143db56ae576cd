import { expect, it } from 'vitest'

import { eventPort } from '../../../src/node/backend/events.ts'
import { ParallelFeeds } from '../../../src/node/backend/feeds.ts'
import type { ChainEvent } from '../../../src/rpc/backend.ts'
import { devChain, send, transfer } from '../../support/dev-chain.ts'

/** As Geth has it: heads of the chain alone, and of one that takes another's place all that are new. */
it('a block beside the chain is no head, and each is one when it comes into the chain', async () => {
  const [short, long] = [devChain(), devChain()]
  send(short, transfer(0, 0n))
  send(long, transfer(1, 0n))
  const old = await short.mine()
  const news = [await long.mine(), await long.mine()]
  const dev = devChain()
  const heard: unknown[] = []
  eventPort(dev, new ParallelFeeds(dev), undefined).listen((event: ChainEvent) => {
    if (event.kind === 'block') heard.push(event.block.hash)
    else if (event.kind === 'removed') heard.push(event.kind)
  })
  await dev.import(old)
  await dev.import(news[0]!)
  expect(heard).toEqual([old.hash])
  await dev.import(news[1]!)
  expect(heard).toEqual([old.hash, 'removed', news[0]!.hash, news[1]!.hash])
})
