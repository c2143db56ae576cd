import { describe, expect, it } from 'vitest'

import { newChain } from '../../../src/chain/open-chain.ts'
import { WITHDRAWAL_REQUEST_ADDRESS } from '../../../src/executor/system-contracts.ts'
import { EMPTY_REQUESTS_HASH } from '../../../src/model/codec/requests.ts'
import { bigIntToFixedBytes, concatBytes } from '../../../src/primitives/bytes.ts'
import { type Address, bytesToHex, hexToBytes } from '../../../src/primitives/hex.ts'
import {
  ETHER,
  USERS,
  devChain,
  executor,
  genesisAt,
  send,
  transfer,
} from '../../support/dev-chain.ts'

const DEPOSIT_CONTRACT = `0x${'de'.repeat(20)}` as Address
/** Logs its call data under the topic of DepositEvent. */
const DEPOSIT_CODE = hexToBytes(
  '0x3660006000377f649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5366000a100',
)
const FIELDS = [
  new Uint8Array(48).fill(1),
  new Uint8Array(32).fill(2),
  new Uint8Array(8).fill(3),
  new Uint8Array(96).fill(4),
  new Uint8Array(8).fill(5),
]
const OFFSETS = [160n, 256n, 320n, 384n, 512n]

/** DepositEvent(bytes,bytes,bytes,bytes,bytes) as the ABI lays it out. */
function depositData(offsets: readonly bigint[] = OFFSETS): Uint8Array {
  const heads = offsets.map((offset) => bigIntToFixedBytes(offset, 32))
  const tails = FIELDS.map((field) => {
    const padded = new Uint8Array(Math.ceil(field.length / 32) * 32)
    padded.set(field)
    return concatBytes(bigIntToFixedBytes(BigInt(field.length), 32), padded)
  })
  return concatBytes(...heads, ...tails)
}

function chainWithDeposits(): ReturnType<typeof devChain> {
  const spec = genesisAt('prague')
  const alloc = new Map(spec.alloc)
  alloc.set(DEPOSIT_CONTRACT, { balanceWei: 0n, code: DEPOSIT_CODE })
  const config = { ...spec.config, depositContract: DEPOSIT_CONTRACT }
  return devChain({ chain: newChain({ ...spec, config, alloc }, executor) })
}

describe('requests of a block (EIP-7685)', () => {
  it('are none, and hash as none, when nobody asks', async () => {
    const dev = devChain({ fork: 'prague' })
    const { header } = await dev.mine()
    expect(header.requestsHash).toBe(EMPTY_REQUESTS_HASH)
  })

  it('are deposits, end to end, in the order of the logs', async () => {
    const dev = chainWithDeposits()
    const deposit = { to: DEPOSIT_CONTRACT, data: depositData(), gasLimit: 200_000n }
    send(dev, transfer(0, 0n, deposit), transfer(0, 1n, deposit))
    const { executed } = await dev.pending()
    const one = concatBytes(...FIELDS)
    expect(executed.requests).toEqual([concatBytes(Uint8Array.of(0), one, one)])
    const { header } = await dev.mine()
    expect(header.requestsHash).not.toBe(EMPTY_REQUESTS_HASH)
  })

  it('make a block invalid when a deposit is malformed', async () => {
    const dev = chainWithDeposits()
    const data = depositData([160n, 256n, 320n, 384n, 511n])
    send(dev, transfer(0, 0n, { to: DEPOSIT_CONTRACT, data, gasLimit: 200_000n }))
    await expect(dev.pending()).rejects.toThrow(/a built block is valid/)
  })

  it('are withdrawals that the system contract was asked for', async () => {
    const dev = devChain({ fork: 'prague' })
    const key = new Uint8Array(48).fill(7)
    const amount = bigIntToFixedBytes(123n, 8)
    const data = concatBytes(key, amount)
    send(
      dev,
      transfer(0, 0n, { to: WITHDRAWAL_REQUEST_ADDRESS, data, valueWei: 1n, gasLimit: 300_000n }),
    )
    const { executed } = await dev.pending()
    expect(executed.failures).toEqual([undefined])
    // The queue answers the amount as little-endian (EIP-7002).
    const wanted = concatBytes(hexToBytes(USERS[0]!), key, amount.toReversed())
    expect(executed.requests!.map(bytesToHex)).toEqual([`0x01${bytesToHex(wanted).slice(2)}`])
  })
})

describe('withdrawals (EIP-4895)', () => {
  it('credit in gwei, and bring no account to life with nothing', async () => {
    const dev = devChain()
    const stranger = `0x${'99'.repeat(20)}` as Address
    const nobody = `0x${'88'.repeat(20)}` as Address
    const parent = dev.chain.head.block.header
    const withdrawal = { index: 0n, validatorIndex: 1n, amountGwei: 2_000_000_000n }
    const plan = {
      timestamp: parent.timestamp + 1n,
      beneficiary: parent.beneficiary,
      gasLimit: parent.gasLimit,
      withdrawals: [
        { ...withdrawal, address: stranger },
        { ...withdrawal, address: nobody, amountGwei: 0n },
        { ...withdrawal, address: stranger },
      ],
    }
    const built = await dev.chain.build(plan, { transactions: [] })
    dev.chain.commit(built)
    expect(dev.view.account(stranger)?.balanceWei).toBe(4n * ETHER)
    expect(dev.view.account(nobody)).toBeUndefined()
  })
})

describe('what the protocol stores before the transactions', () => {
  it('makes the parent’s hash readable (EIP-2935)', async () => {
    const dev = devChain()
    const { hash } = dev.chain.head.block
    await dev.mine()
    const history = '0x0000f90827f1c53a10cb7a02335b175320002935' as Address
    const stored = dev.view.slot(history, `0x${'0'.repeat(64)}` as never)
    expect(stored).toBe(BigInt(hash))
  })
})
