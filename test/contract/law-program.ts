import { type Address, hexToBytes } from '../../src/primitives/hex.ts'

/**
 * Contracts of the law's cases, as statements that touch state in every way that executors could get wrong. Keys are small numbers, so that
 * they meet.
 */
export type Statement =
  /** storage[key] = storage[from] + add */
  | { readonly do: 'add'; readonly key: number; readonly from: number; readonly add: number }
  /** storage[key] = the balance, code hash or code size of `of` */
  | {
      readonly do: 'balance' | 'codeHash' | 'codeSize'
      readonly key: number
      readonly of: number
    }
  /** storage[key] = the contract's own balance, the beneficiary's, or the parent block's hash */
  | { readonly do: 'selfBalance' | 'coinbaseBalance' | 'blockHash'; readonly key: number }
  /** Sends wei; whatever becomes of it. */
  | { readonly do: 'pay'; readonly to: number; readonly wei: number }
  /** Reverts when storage[key] is odd. */
  | { readonly do: 'revertIfOdd'; readonly key: number }
  /** Turns as often as storage[key] says, up to 255: what is left of the gas depends on state. */
  | { readonly do: 'turn'; readonly key: number }
  /** Deploys a contract that stores its value. With a salt, always at the same place. */
  | { readonly do: 'create'; readonly wei: number; readonly salt?: number }
  | { readonly do: 'destruct'; readonly to: number }
  /** Logs storage[key]. */
  | { readonly do: 'log'; readonly key: number }
  /** Stores ones in so many slots that were not used before; storage[key] counts how often. */
  | { readonly do: 'fill'; readonly key: number; readonly slots: number }
  /** storage[key] = transient[key], then transient[key] = storage[from] */
  | { readonly do: 'transient'; readonly key: number; readonly from: number }

const OP = {
  add: 0x01,
  mul: 0x02,
  and: 0x16,
  balance: 0x31,
  extCodeSize: 0x3b,
  extCodeHash: 0x3f,
  blockHash: 0x40,
  coinbase: 0x41,
  number: 0x43,
  selfBalance: 0x47,
  pop: 0x50,
  mstore: 0x52,
  sload: 0x54,
  sstore: 0x55,
  jump: 0x56,
  jumpi: 0x57,
  gas: 0x5a,
  jumpdest: 0x5b,
  tload: 0x5c,
  tstore: 0x5d,
  dup1: 0x80,
  dup2: 0x81,
  swap1: 0x90,
  sub: 0x03,
  iszero: 0x15,
  log1: 0xa1,
  create: 0xf0,
  call: 0xf1,
  create2: 0xf5,
  revert: 0xfd,
  selfDestruct: 0xff,
}

/**
 * Init code that stores the value it got plus one in slot 0, and deploys code that counts its calls in slot 1 and, when it is sent something,
 * destroys itself for its caller.
 */
export const CHILD: Uint8Array = hexToBytes(
  `0x${'34600101600055' + '6011601360003960116000f3'}${'600154600101600155' + '34600e57005b33ff'}`,
)

/** The bytecode of a program. @param addresses what `of` and `to` count */
export function compile(program: readonly Statement[], addresses: readonly Address[]): Uint8Array {
  const code: number[] = []
  const push = (value: number): void => {
    code.push(0x61, (value >> 8) & 0xff, value & 0xff)
  }
  const address = (index: number): void => {
    code.push(0x73, ...hexToBytes(addresses[index % addresses.length]!))
  }
  const load = (key: number): void => {
    push(key)
    code.push(OP.sload)
  }
  const store = (key: number): void => {
    push(key)
    code.push(OP.sstore)
  }
  for (const it of program) {
    switch (it.do) {
      case 'add':
        load(it.from)
        push(it.add)
        code.push(OP.add)
        store(it.key)
        break
      case 'balance':
      case 'codeHash':
      case 'codeSize': {
        address(it.of)
        const ops = { balance: OP.balance, codeHash: OP.extCodeHash, codeSize: OP.extCodeSize }
        code.push(ops[it.do])
        store(it.key)
        break
      }
      case 'selfBalance':
        code.push(OP.selfBalance)
        store(it.key)
        break
      case 'coinbaseBalance':
        code.push(OP.coinbase, OP.balance)
        store(it.key)
        break
      case 'blockHash':
        push(1)
        code.push(OP.number, OP.sub, OP.blockHash)
        store(it.key)
        break
      case 'pay':
        for (let i = 0; i < 4; i++) push(0)
        push(it.wei)
        address(it.to)
        code.push(OP.gas, OP.call, OP.pop)
        break
      case 'revertIfOdd': {
        load(it.key)
        push(1)
        code.push(OP.and, OP.iszero)
        push(code.length + 3 + 1 + 7)
        code.push(OP.jumpi)
        push(0)
        push(0)
        code.push(OP.revert, OP.jumpdest)
        break
      }
      case 'turn': {
        load(it.key)
        push(255)
        code.push(OP.and)
        const top = code.length
        // Stack: n. While n is not zero, n = n - 1.
        code.push(OP.jumpdest, OP.dup1, OP.iszero)
        const end = code.length + 3 + 1 + 3 + 2 + 3 + 1
        push(end)
        code.push(OP.jumpi)
        push(1)
        code.push(OP.swap1, OP.sub)
        push(top)
        code.push(OP.jump, OP.jumpdest, OP.pop)
        break
      }
      case 'create': {
        const padded = new Uint8Array(64)
        padded.set(CHILD)
        for (const at of [0, 32]) {
          code.push(0x7f, ...padded.subarray(at, at + 32))
          push(at)
          code.push(OP.mstore)
        }
        if (it.salt !== undefined) push(it.salt)
        push(CHILD.length)
        push(0)
        push(it.wei)
        code.push(it.salt === undefined ? OP.create : OP.create2, OP.pop)
        break
      }
      case 'destruct':
        address(it.to)
        code.push(OP.selfDestruct)
        break
      case 'log':
        load(it.key)
        push(0)
        push(0)
        code.push(OP.log1)
        break
      case 'fill':
        load(it.key)
        push(1)
        code.push(OP.add, OP.dup1)
        store(it.key)
        push(1_000)
        code.push(OP.mul)
        for (let i = 0; i < it.slots; i++) {
          push(1)
          code.push(OP.dup2)
          push(i)
          code.push(OP.add, OP.sstore)
        }
        code.push(OP.pop)
        break
      case 'transient':
        push(it.key)
        code.push(OP.tload)
        store(it.key)
        load(it.from)
        push(it.key)
        code.push(OP.tstore)
        break
    }
  }
  return Uint8Array.from(code)
}
