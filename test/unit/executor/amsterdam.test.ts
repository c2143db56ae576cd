import { createBlockFromRLP } from '@ethereumjs/block'
import { Hardfork, Mainnet, createCustomCommon } from '@ethereumjs/common'
import { Account, Address as RawAddress } from '@ethereumjs/util'
import { type RunBlockResult, type VM, createVM, runBlock } from '@ethereumjs/vm'
import { describe, expect, it } from 'vitest'

import { encodeBlock } from '../../../src/model/codec/block.ts'
import type { BuiltBlock, Chain } from '../../../src/chain/chain.ts'
import type { GenesisSpec } from '../../../src/chain/genesis.ts'
import { newChain } from '../../../src/chain/open-chain.ts'
import {
  BUILDER_EXIT_ADDRESS,
  WITHDRAWAL_REQUEST_ADDRESS,
} from '../../../src/executor/system-contracts.ts'
import { createAddress } from '../../../src/model/create-address.ts'
import { signAuthorization } from '../../../src/model/signer.ts'
import type { Transaction, TransactionFields } from '../../../src/model/transaction.ts'
import { bigIntToFixedBytes, concatBytes } from '../../../src/primitives/bytes.ts'
import {
  type Address,
  ZERO_ADDRESS,
  bytesToHex,
  hexToBytes,
  slotOf,
} from '../../../src/primitives/hex.ts'
import { privateKeyToAddress } from '../../../src/primitives/secp256k1.ts'
import { encodeBlockAccessList } from '../../../src/state/block-access-list.ts'
import type { GenesisAccount } from '../../../src/state/world.ts'
import { asm, callOf, deploying, word } from '../../contract/engine-world.ts'
import {
  CHAIN_ID,
  ETHER,
  GWEI,
  USERS,
  executor,
  genesisAt,
  signed,
  transfer,
} from '../../support/dev-chain.ts'

const contract = (n: number): Address =>
  `0x${(0xc0de00 + n).toString(16).padStart(40, '0')}` as Address
const stranger = (n: number): Address =>
  `0x${(0x5a00 + n).toString(16).padStart(40, '0')}` as Address

/** Writes the second word of the call data to the slot that is the first. */
const WRITER = contract(1)
/** Changes slot 1 and back, writes what is there already to slot 2, reads slot 3, clears slot 4. */
const FICKLE = contract(2)
/** Writes and looks around, then reverts. */
const REVERTER = contract(3)
/** Looks at accounts, calls and delegates. */
const LOOKER = contract(4)
/** Sends all it has to who calls, and is no more. */
const LEAVER = contract(5)
/** Creates what the call data say with a salt of zero. */
const FACTORY = contract(6)
/** Spends all its gas after a write. */
const WASTER = contract(7)

const ADDRESS = 0x30
const SELFDESTRUCT = 0xff

const NOBODY = stranger(1)
const LOOK = `${NOBODY} BALANCE POP ${stranger(2)} EXTCODEHASH POP`
const CODES: readonly (readonly [Address, string, Partial<GenesisAccount>?])[] = [
  [WRITER, '0x20 CALLDATALOAD 0x00 CALLDATALOAD SSTORE'],
  [
    FICKLE,
    '0x09 0x01 SSTORE 0x00 0x01 SSTORE 0x07 0x02 SSTORE 0x03 SLOAD POP 0x00 0x04 SSTORE',
    {
      storage: new Map([
        [slotOf(2n), 7n],
        [slotOf(4n), 7n],
      ]),
    },
  ],
  [REVERTER, `0x01 0x00 SSTORE 0x05 SLOAD POP ${LOOK} 0x00 0x00 REVERT`],
  [
    LOOKER,
    `${LOOK} ${callOf(REVERTER)} POP 0x00 0x00 0x00 0x00 ${WRITER} GAS DELEGATECALL POP
     ${callOf(`0x${'4'.padStart(40, '0')}` as Address)} POP ${callOf(stranger(3), '0x01')} POP`,
    { balanceWei: 10n },
  ],
  [LEAVER, 'CALLER SELFDESTRUCT', { balanceWei: 5n }],
  [FACTORY, 'CALLDATASIZE 0x00 0x00 CALLDATACOPY 0x00 CALLDATASIZE 0x00 CALLVALUE CREATE2'],
  [WASTER, '0x01 0x00 SSTORE INVALID'],
]

function spec(more: readonly (readonly [Address, string])[]): GenesisSpec {
  const genesis = genesisAt('amsterdam')
  const alloc = new Map(genesis.alloc)
  for (const [address, source, fields] of [...CODES, ...more]) {
    alloc.set(address, { balanceWei: 0n, nonce: 1n, code: asm(source), ...fields })
  }
  return { ...genesis, alloc }
}

/** A chain of ours and a machine of ethereumjs side by side on one state. */
class Pair {
  readonly chain: Chain
  readonly vm: VM
  private readonly nonces = USERS.map(() => 0n)

  private constructor(chain: Chain, vm: VM) {
    this.chain = chain
    this.vm = vm
  }

  static async start(...more: readonly (readonly [Address, string])[]): Promise<Pair> {
    const genesis = spec(more)
    const common = createCustomCommon({ chainId: Number(CHAIN_ID) }, Mainnet, {
      hardfork: Hardfork.Amsterdam,
    })
    const vm = await createVM({ common })
    for (const [address, { balanceWei, nonce, code, storage }] of genesis.alloc) {
      const raw = new RawAddress(hexToBytes(address))
      await vm.stateManager.putAccount(raw, new Account(nonce ?? 0n, balanceWei))
      if (code !== undefined) await vm.stateManager.putCode(raw, code)
      for (const [key, value] of storage ?? []) {
        await vm.stateManager.putStorage(raw, hexToBytes(key), bigIntToFixedBytes(value, 32))
      }
    }
    const chain = newChain(genesis, executor)
    expect(bytesToHex(await vm.stateManager.getStateRoot())).toBe(chain.head.block.header.stateRoot)
    return new Pair(chain, vm)
  }

  tx(from: number, fields: Partial<Extract<TransactionFields, { type: 2 }>>): Transaction {
    return transfer(from, this.nonces[from]!++, { gasLimit: 2_000_000n, ...fields })
  }

  /** Mines all of `transactions`, and lets ethereumjs run the block. */
  async mine(
    transactions: readonly Transaction[],
    more: { beneficiary?: Address; withdrawals?: readonly (readonly [Address, bigint])[] } = {},
  ): Promise<{ built: BuiltBlock; theirs: RunBlockResult }> {
    const { header } = this.chain.head.block
    const plan = {
      timestamp: header.timestamp + 1n,
      beneficiary: more.beneficiary ?? stranger(0xbe),
      gasLimit: header.gasLimit,
      parentBeaconBlockRoot: header.stateRoot,
    }
    const withdrawals = (more.withdrawals ?? []).map(([address, amountGwei], index) => {
      return { index: BigInt(index), validatorIndex: 1n, address, amountGwei }
    })
    const built = await this.chain.build({ ...plan, withdrawals }, { transactions })
    expect(built.executed.skipped).toEqual([])
    this.chain.commit(built)
    const { common } = this.vm
    const block = createBlockFromRLP(encodeBlock(built.record.block), { common })
    const theirs = await runBlock(this.vm, { block, generate: true, skipHeaderValidation: true })
    return { built, theirs }
  }
}

type Verdict = Readonly<Record<string, string | bigint | undefined>>

/** What both sides must agree on. */
function verdicts({
  built,
  theirs,
}: Awaited<ReturnType<Pair['mine']>>): readonly [Verdict, Verdict] {
  const { header } = built.record.block
  const list = theirs.blockLevelAccessList!
  const ours = {
    // Before the hash, since it shows where a list differs.
    list: bytesToHex(encodeBlockAccessList(built.executed.blockAccessList!)),
    blockAccessListHash: header.blockAccessListHash,
    gasUsed: header.gasUsed,
    receiptsRoot: header.receiptsRoot,
    stateRoot: header.stateRoot,
    requestsHash: header.requestsHash,
  }
  return [
    ours,
    {
      list: bytesToHex(list.serialize()),
      blockAccessListHash: bytesToHex(list.hash()),
      gasUsed: theirs.gasUsed,
      receiptsRoot: bytesToHex(theirs.receiptsRoot),
      stateRoot: bytesToHex(theirs.stateRoot),
      requestsHash: bytesToHex(theirs.requestsHash!),
    },
  ]
}

async function agree(
  pair: Pair,
  transactions: readonly Transaction[],
  more?: Parameters<Pair['mine']>[1],
): Promise<BuiltBlock> {
  const mined = await pair.mine(transactions, more)
  const [ours, theirs] = verdicts(mined)
  expect(ours).toEqual(theirs)
  return mined.built
}

const KEY = hexToBytes(`0x${'7'.padStart(64, '0')}`)
const AUTHORITY = privateKeyToAddress(KEY)

function delegation(
  pair: Pair,
  nonce: bigint,
  address: Address,
  gasLimit = 2_000_000n,
): Transaction {
  const authorizationList = [signAuthorization({ chainId: CHAIN_ID, address, nonce }, KEY)]
  const fields = pair.tx(0, { gasLimit }) as Extract<TransactionFields, { type: 2 }>
  return signed(0, { ...fields, type: 4, to: USERS[3]!, authorizationList })
}

const write = (slot: number, value: number): Partial<Extract<TransactionFields, { type: 2 }>> => {
  return { to: WRITER, valueWei: 0n, data: concatBytes(word(slot), word(value)) }
}

describe('a block of Amsterdam is what ethereumjs makes of it', () => {
  it('with nothing in it', async () => {
    const pair = await Pair.start()
    await agree(pair, [])
    await agree(pair, [], { beneficiary: ZERO_ADDRESS })
  })

  it('with transfers: to the living, the new, oneself, of nothing, with and without a tip', async () => {
    const pair = await Pair.start()
    const built = await agree(pair, [
      pair.tx(0, {}),
      pair.tx(0, { to: stranger(7) }),
      pair.tx(1, { to: stranger(8), valueWei: 0n }),
      pair.tx(1, { to: USERS[1]! }),
      pair.tx(2, { maxPriorityFeePerGasWei: 0n }),
    ])
    expect(built.executed.failures).toEqual(Array(5).fill(undefined))
    await agree(pair, [pair.tx(2, { to: stranger(9), maxPriorityFeePerGasWei: 0n })], {
      beneficiary: stranger(10),
    })
    await agree(pair, [pair.tx(3, { to: USERS[0]! })], { beneficiary: USERS[3]! })
  })

  it('with creations, kept and not', async () => {
    const pair = await Pair.start()
    const stores = asm('0x01 0x00 SSTORE 0x00 0x01 SSTORE 0x02 SLOAD POP')
    const create = (data: Uint8Array, valueWei = 0n): Transaction =>
      pair.tx(0, { to: null, valueWei, data })
    const built = await agree(pair, [
      create(deploying(asm('STOP'))),
      create(concatBytes(stores, asm('0x02 0x00 RETURN')), 3n),
      create(stores),
      create(concatBytes(stores, asm('0x00 0x00 REVERT')), 3n),
      create(concatBytes(stores, asm('INVALID'))),
      pair.tx(1, { to: FACTORY, data: concatBytes(stores, asm('0x02 0x00 RETURN')) }),
      pair.tx(1, { to: FACTORY, data: asm('0x00 0x00 REVERT') }),
    ])
    expect(built.executed.failures.filter(Boolean)).toHaveLength(2)
    // Again at an address that is taken.
    await agree(pair, [
      pair.tx(1, { to: FACTORY, data: concatBytes(stores, asm('0x02 0x00 RETURN')) }),
    ])
  })

  it('with writes that change, change nothing, change back, and are reverted', async () => {
    const pair = await Pair.start()
    await agree(pair, [
      pair.tx(0, write(1, 5)),
      pair.tx(0, write(1, 5)),
      pair.tx(1, write(1, 0)),
      pair.tx(1, write(2, 0)),
      pair.tx(1, write(3, 1)),
      pair.tx(2, { to: FICKLE, valueWei: 0n }),
      pair.tx(2, { to: REVERTER, valueWei: 0n }),
      pair.tx(2, { to: WASTER, valueWei: 0n, gasLimit: 300_000n }),
      pair.tx(3, { to: LOOKER, valueWei: 0n }),
    ])
    await agree(pair, [
      pair.tx(0, write(3, 1)),
      pair.tx(0, { ...write(4, 1), gasLimit: 30_000n }),
      pair.tx(1, write(3, 2)),
      // More than the cap: the rest is for state alone.
      pair.tx(2, { ...write(5, 1), gasLimit: 20_000_000n }),
    ])
  })

  it('with refunds, which the block’s gas does not see', async () => {
    const pair = await Pair.start()
    const built = await agree(pair, [pair.tx(0, { to: FICKLE, valueWei: 0n })])
    expect(built.record.block.header.gasUsed).toBeGreaterThan(built.executed.receipts[0]!.gasUsed)
  })

  it('with self-destructions: of the old, the new, the new with funds before', async () => {
    const pair = await Pair.start()
    const leave = asm(`0x01 0x00 SSTORE 0x07 SLOAD POP ${stranger(20)} SELFDESTRUCT`)
    const stay = asm('0x01 0x00 SSTORE CALLER SELFDESTRUCT')
    const funded = createAddress(USERS[1]!, 0n)
    await agree(pair, [
      pair.tx(0, { to: LEAVER }),
      pair.tx(0, { to: null, valueWei: 4n, data: leave }),
      pair.tx(0, { to: null, valueWei: 0n, data: leave }),
      pair.tx(0, { to: FACTORY, valueWei: 2n, data: stay }),
    ])
    await agree(pair, [pair.tx(0, { to: funded, valueWei: 9n })])
    await agree(pair, [pair.tx(1, { to: null, valueWei: 1n, data: leave })])
    expect(pair.chain.view(pair.chain.head.version).account(funded)).toBeUndefined()
  })

  it('keeps what a contract holds that destroys itself for its own good (EIP-8246)', async () => {
    const pair = await Pair.start()
    const data = concatBytes(asm('0x01 0x00 SSTORE'), Uint8Array.of(ADDRESS, SELFDESTRUCT))
    await agree(pair, [pair.tx(0, { to: null, valueWei: 4n, data })])
    const kept = pair.chain.view(pair.chain.head.version).account(createAddress(USERS[0]!, 0n))
    expect(kept).toMatchObject({ balanceWei: 4n, nonce: 0n })
  })

  it('with withdrawals, also of nothing, and to the beneficiary', async () => {
    const pair = await Pair.start()
    const withdrawals = [
      [stranger(30), 5n],
      [stranger(31), 0n],
      [stranger(30), 6n],
      [stranger(0xbe), 7n],
      [WRITER, 1n],
    ] as const
    await agree(pair, [pair.tx(0, write(1, 1))], { withdrawals })
    await agree(pair, [], { withdrawals })
  })

  it('with a request that waits in its queue (EIP-7002)', async () => {
    const pair = await Pair.start()
    const data = concatBytes(new Uint8Array(48).fill(7), bigIntToFixedBytes(123n, 8))
    const request = (): Transaction =>
      pair.tx(0, { to: WITHDRAWAL_REQUEST_ADDRESS, valueWei: 1n, data })
    const built = await agree(pair, [request(), request()])
    expect(built.executed.requests).toHaveLength(1)
    await agree(pair, [])
  })

  it('with requests of builders, where their contracts are (EIP-8282)', async () => {
    const pair = await Pair.start([BUILDER_EXIT_ADDRESS, '0x01 0x00 SSTORE 0x20 0x00 RETURN'])
    const built = await agree(pair, [])
    expect(built.executed.requests?.map(([type]) => type)).toEqual([4])
  })

  it('with delegations (EIP-7702)', async () => {
    const pair = await Pair.start()
    await agree(pair, [
      delegation(pair, 0n, WRITER),
      delegation(pair, 1n, WRITER),
      delegation(pair, 9n, WRITER),
      pair.tx(1, { ...write(1, 1), to: AUTHORITY }),
      delegation(pair, 2n, ZERO_ADDRESS),
    ])
  })

  it('but for a delegation that runs out of gas: ethereumjs lists it as made', async () => {
    const pair = await Pair.start()
    const mined = await pair.mine([delegation(pair, 0n, WRITER, 60_000n)])
    const [ours, theirs] = verdicts(mined)
    expect(ours['stateRoot']).toBe(theirs['stateRoot'])
    const { nonces, codes } = mined.built.executed.blockAccessList!.get(AUTHORITY)!
    expect([nonces.size, codes.size]).toEqual([0, 0])
  })

  it('with tips of more than the fee market asks', async () => {
    const pair = await Pair.start()
    const tip = { maxFeePerGasWei: 20n * GWEI, maxPriorityFeePerGasWei: 3n * GWEI }
    await agree(pair, [pair.tx(0, { ...tip, valueWei: ETHER }), pair.tx(1, tip)])
  })
})
