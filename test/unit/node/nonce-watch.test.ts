import { afterEach, expect, it } from 'vitest'

import { createNode } from '../../../src/node/create-node.ts'
import type { HeddleNode } from '../../../src/node/node.ts'

let node: HeddleNode | undefined
afterEach(() => node?.close())

it('a transaction whose nonce is ahead of its account is told of once, with the cure; others are not', async () => {
  const made = await createNode({ workers: 1, artefactDirs: [] })
  node = made
  const notices: string[] = []
  made.listen((event) => {
    if (event.kind === 'notice') notices.push(event.text)
  }, 'notices')
  const [from, to] = made.accounts.map(({ address }) => address)
  const send = (nonce: string) =>
    made.request({ method: 'eth_sendTransaction', params: [{ from, to, nonce, gas: '0x5208' }] })
  // Sent out of order, but filled in: nothing to tell.
  await made.request({
    method: 'eth_sendTransaction',
    params: [{ from: to, to: from, nonce: '0x1', gas: '0x5208' }],
  })
  await made.request({
    method: 'eth_sendTransaction',
    params: [{ from: to, to: from, nonce: '0x0', gas: '0x5208' }],
  })
  const hash = await send('0x7')
  await send('0x8')
  await expect.poll(() => notices).toHaveLength(1)
  expect(notices[0]).toContain(`transaction ${String(hash)} waits: it has nonce 7`)
  expect(notices[0]).toContain('is 0.')
  expect(notices[0]).toContain('Clear activity tab data')
})
