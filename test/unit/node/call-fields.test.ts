import { afterEach, describe, expect, it } from 'vitest'

import { createNode } from '../../../src/node/create-node.ts'
import type { ForkName } from '../../../src/model/fork.ts'
import type { HeddleNode } from '../../../src/node/node.ts'
import { ZERO_ADDRESS, bytesToHex } from '../../../src/primitives/hex.ts'
import { RETURN_TOP, asm } from '../../contract/engine-world.ts'

/** What execution-apis' tests say of fields that a block's fork does not know, and of a call's `type`. */

let node: HeddleNode | undefined
afterEach(() => node?.close())

const TARGET = `0x${'7a'.repeat(20)}`
const BLOB_HASH = `0x01${'00'.repeat(31)}`
const AUTHORIZATION = {
  chainId: '0x0',
  address: TARGET,
  nonce: '0x0',
  yParity: '0x0',
  r: '0x1',
  s: '0x1',
}

async function start(hardfork: ForkName) {
  const made = await createNode({ workers: 1, artefactDirs: [], hardfork })
  node = made
  const ask = (method: string, ...params: unknown[]): Promise<unknown> =>
    made.request({ method, params })
  return { ask, from: made.accounts[0]!.address }
}

const CALLS = ['eth_call', 'eth_estimateGas', 'eth_createAccessList']

describe.each(CALLS)('%s', (method) => {
  it.each<[ForkName, object, number]>([
    ['istanbul', { accessList: [] }, 1],
    ['berlin', { maxFeePerGas: '0x0', maxPriorityFeePerGas: '0x0' }, 2],
    ['berlin', { maxPriorityFeePerGas: '0x1' }, 2],
    ['shanghai', { maxFeePerBlobGas: '0x1' }, 3],
    ['shanghai', { blobVersionedHashes: [BLOB_HASH] }, 3],
    ['cancun', { authorizationList: [AUTHORIZATION] }, 4],
  ])('refuses in %s what there is no transaction for: %j', async (hardfork, fields, type) => {
    const { ask, from } = await start(hardfork)
    await expect(ask(method, { from, to: TARGET, ...fields })).rejects.toMatchObject({
      code: -32_000,
      message: `transaction type not supported: type ${type} is not valid in ${hardfork}`,
    })
  })

  it.each<[ForkName, object]>([
    ['istanbul', { type: '0x2' }],
    ['shanghai', { type: '0x3' }],
    ['cancun', { type: '0x4' }],
    ['osaka', { type: '0x7f' }],
    ['osaka', { maxFeePerBlobGas: '0x1' }],
  ])('runs in %s what says nothing of a transaction: %j', async (hardfork, fields) => {
    if (hardfork === 'istanbul' && method === 'eth_createAccessList') return
    const { ask } = await start(hardfork)
    const plain = { from: ZERO_ADDRESS, to: TARGET }
    expect(await ask(method, { ...plain, ...fields })).toEqual(await ask(method, plain))
  })
})

describe('a type', () => {
  it('takes nothing from a call', async () => {
    const { ask } = await start('osaka')
    await ask('anvil_setCode', TARGET, bytesToHex(asm(`0x99 BALANCE POP GAS ${RETURN_TOP}`)))
    const accessList = [{ address: `0x${'0'.repeat(38)}99`, storageKeys: [] }]
    const call = { to: TARGET, gas: '0x30d40', accessList }
    expect(await ask('eth_call', { ...call, type: '0x0' })).toBe(await ask('eth_call', call))
  })

  it('that nobody knows is not sent', async () => {
    const { ask, from } = await start('osaka')
    await expect(
      ask('eth_sendTransaction', { from, to: TARGET, type: '0x5' }),
    ).rejects.toMatchObject({
      code: -32_000,
      message: 'transaction type not supported: type 5 is not valid in osaka',
    })
  })

  it('of a legacy transaction leaves out an access list, from the estimate too', async () => {
    const { ask, from } = await start('osaka')
    const accessList = [{ address: TARGET, storageKeys: [`0x${'0'.repeat(64)}`] }]
    const hash = await ask('eth_sendTransaction', { from, to: TARGET, type: '0x0', accessList })
    expect(await ask('eth_getTransactionByHash', hash)).toMatchObject({
      type: '0x0',
      gas: '0x5208',
    })
  })
})

describe('a storage key', () => {
  it('has 32 bytes at most', async () => {
    const { ask } = await start('osaka')
    await expect(ask('eth_getStorageAt', TARGET, `0x${'0'.repeat(65)}`)).rejects.toMatchObject({
      code: -32_602,
      message: expect.stringContaining('expected a storage key of at most 32 bytes'),
    })
    expect(await ask('eth_getStorageAt', TARGET, `0x${'0'.repeat(64)}`)).toBe(BLANK)
  })
})

const BLANK = `0x${'0'.repeat(64)}`
