import { describe, expect, it } from 'vitest'

import { loadEthereumjsEngine, loadWasmEngine } from '../../../../src/evm/load.ts'
import { create2Address } from '../../../../src/model/create-address.ts'
import type { ForkName } from '../../../../src/model/fork.ts'
import { concatBytes } from '../../../../src/primitives/bytes.ts'
import { hexToBytes } from '../../../../src/primitives/hex.ts'
import {
  OTHER,
  RETURN_TOP,
  SENDER,
  type TestTransaction,
  TestWorld,
  account,
  asm,
  callOf,
  deploying,
  slot,
  word,
} from '../../../contract/engine-world.ts'
import { isWithin, outcomeText, readsText } from './outcome-text.ts'

const [A, CALLER] = [account(0xa), account(0xc)]
const wasm = await loadWasmEngine()
const reference = await loadEthereumjsEngine()
const bytes = (length: number, value: number) => new Uint8Array(length).fill(value)
const STOP = Uint8Array.of(0)

/** Forks without transactions of type 2. */
const OLD: ReadonlySet<ForkName> = new Set(['frontier', 'homestead', 'byzantium'])

async function compare(
  code: Uint8Array,
  tx: TestTransaction = {},
  fork: ForkName = 'osaka',
  callee: Uint8Array = STOP,
): Promise<string> {
  const alloc = { [OTHER]: { code, balanceWei: 9n }, [A]: { code: callee } }
  const worlds = [wasm, reference].map((engine) => new TestWorld(engine, alloc, fork))
  const fields = { to: OTHER, gasLimit: 16_000_000n, ...tx }
  const [got, wanted] = await Promise.all(
    worlds.map((world) => {
      const whole = world.transaction(fields)
      if (!OLD.has(fork)) return world.run(whole)
      return world.run({ ...whole, type: 0, gasPriceWei: 9n, chainId: undefined } as typeof whole)
    }),
  )
  expect(outcomeText(got!)).toBe(outcomeText(wanted!))
  expect(isWithin(readsText(got!), readsText(wanted!))).toBe(true)
  return got!.kind
}

/** Reverse Polish for the memory and stack tests: pushes as hex. */
const run = (source: string, tx?: TestTransaction) => compare(asm(source), tx)

describe('programs at the edges, on both engines', () => {
  it('24 KB of JUMPDESTs, of PUSHes and of jumps', async () => {
    expect(await compare(bytes(24_576, 0x5b))).toBe('success')
    expect(await compare(bytes(24_576, 0x60))).toBe('halt')
    expect(await compare(bytes(24_576, 0x7f))).toBe('success')
    expect(await compare(bytes(24_576, 0x56))).toBe('halt')
    const leaps = Array.from({ length: 4096 }, (_, index) => {
      const to = index * 5 + 4
      return Uint8Array.of(0x61, to >> 8, to & 255, 0x56, 0x5b)
    })
    expect(await compare(concatBytes(...leaps))).toBe('success')
  })
  it('init code of 49,152 bytes, and one more', async () => {
    const data = bytes(49_152, 0x5b)
    expect(await compare(STOP, { to: null, data })).toBe('success')
    expect(await compare(STOP, { to: null, data: bytes(49_153, 0x5b) })).toBe('rejected')
    expect(await compare(STOP, { to: null, data: bytes(49_153, 0x5b) }, 'paris')).toBe('success')
  })
  it('code of 24,576 bytes and one more, of 0xef, of nothing', async () => {
    for (const length of [24_576, 24_577]) {
      const data = deploying(bytes(length, 1))
      const kind = length === 24_576 ? 'success' : 'halt'
      expect(await compare(STOP, { to: null, data })).toBe(kind)
    }
    expect(await compare(STOP, { to: null, data: deploying(Uint8Array.of(0xef)) })).toBe('halt')
    const old = { to: null, data: deploying(Uint8Array.of(0xef)) }
    expect(await compare(STOP, { ...old, gasLimit: 100_000n }, 'london')).toBe('halt')
    expect(await compare(STOP, { to: null, data: new Uint8Array(0) })).toBe('success')
  })
  it('code that cannot be paid for: none in Frontier, a failure since Homestead', async () => {
    const tx = { to: null, data: deploying(bytes(60, 1)), gasLimit: 60_000n }
    expect(await compare(STOP, { ...tx, gasLimit: 31_000n }, 'frontier')).toBe('success')
    expect(await compare(STOP, tx, 'frontier')).toBe('success')
    expect(await compare(STOP, { ...tx, gasLimit: 61_000n }, 'homestead')).toBe('halt')
  })
  it('a block hash without a number on the stack', async () => {
    expect(await compare(Uint8Array.of(0x40))).toBe('halt')
  })
  it('jumps into data, beyond the end and to huge places', async () => {
    expect(await compare(hexToBytes('0x6004565b605b00'))).toBe('halt')
    expect(await compare(hexToBytes('0x60045660015b605b00'))).toBe('halt')
    expect(await compare(hexToBytes('0x61ffff56'))).toBe('halt')
    expect(await compare(hexToBytes(`0x7f${'ff'.repeat(32)}56`))).toBe('halt')
    expect(
      await compare(hexToBytes(`0x7f${'00'.repeat(23)}01${'00'.repeat(7)}2156${'5b'.repeat(20)}`)),
    ).toBe('halt')
    expect(await compare(hexToBytes('0x600161ffff57'))).toBe('halt')
    expect(await compare(hexToBytes('0x600061ffff57'))).toBe('success')
  })
  it('comparisons and pushes before jumps, with and without what they need', async () => {
    for (const comparison of ['10', '11', '12', '13', '14']) {
      for (const operands of ['60016002', '60026001', '60016001']) {
        const code = hexToBytes(`0x${operands}${comparison}61000a57fe5b00`)
        const far = hexToBytes(`0x${operands}${comparison}61000957fe005b5b00`)
        for (let gas = 0; gas < 40; gas++) {
          await compare(code, { gasLimit: BigInt(21_000 + gas) })
          await compare(far, { gasLimit: BigInt(21_000 + gas) })
        }
      }
    }
    for (const code of [
      '6100055700',
      '61000456005b00',
      '1561000657005b00',
      '61',
      '6100',
      '610005',
    ]) {
      await compare(hexToBytes(`0x${code}`))
    }
  })
  it('a stack of 1,024 words, and one more', async () => {
    const full = bytes(1024, 0x30)
    expect(await compare(full)).toBe('success')
    expect(await compare(bytes(1025, 0x30))).toBe('halt')
    // Init code is checked instruction by instruction.
    expect(await compare(STOP, { to: null, data: full })).toBe('success')
    expect(await compare(STOP, { to: null, data: bytes(1025, 0x30) })).toBe('halt')
    expect(await compare(concatBytes(full, hexToBytes('0x15610406575b00')))).toBe('halt')
    expect(await compare(concatBytes(full, hexToBytes('0x80')))).toBe('halt')
    expect(await compare(concatBytes(full, hexToBytes('0x9f900100')))).toBe('success')
    expect(await compare(concatBytes(full.subarray(1), hexToBytes('0x15610408575b5b5b')))).toBe(
      'success',
    )
  })
  it('recursion until the gas or the depth is at its end', async () => {
    // Counts in its storage, then calls itself.
    const code = asm(`0x00 SLOAD 0x01 ADD 0x00 SSTORE ${callOf(OTHER)} POP`)
    expect(await compare(code)).toBe('success')
    const limit = { gasLimit: 12_000_000n }
    expect(await compare(code, limit, 'homestead')).toBe('halt')
    // Before EIP-150 all gas can be passed on: this reaches depth 1,024.
    const passing = hexToBytes(`0x600080808080${'73'}${OTHER.slice(2)}6103e85a03f100`)
    expect(await compare(passing, { gasLimit: 3_000_000n }, 'homestead')).toBe('success')
  })
  it('a creation at depth 1,024', async () => {
    // Calls itself with all gas but 1,000; where that fails, creates.
    const call = '600080808080' + `73${OTHER.slice(2)}6103e85a03f1`
    const code = hexToBytes(`0x${call}602a57600080` + '80f0005b00')
    const at = hexToBytes(`0x${call}`).length
    code[at + 1] = code.length - 2
    expect(await compare(code, { gasLimit: 4_000_000n }, 'homestead')).toBe('success')
  })
  it('creations by accounts whose nonce has one byte, or more', async () => {
    for (const nonce of [127n, 128n, 255n, 256n, 65_535n, 65_536n]) {
      const alloc = {
        [OTHER]: { code: asm(`0x00 0x00 0x00 CREATE ${RETURN_TOP}`), nonce },
        [SENDER]: { balanceWei: 10n ** 20n, nonce },
      }
      for (const tx of [{ to: OTHER }, { to: null }]) {
        const [got, wanted] = await Promise.all(
          [wasm, reference].map((engine) => new TestWorld(engine, alloc).run(tx)),
        )
        expect(got?.kind).toBe('success')
        expect(outcomeText(got!)).toBe(outcomeText(wanted!))
      }
    }
  })
  it('a creation that is taken back leaves no code', async () => {
    // Creates at the address that the salt gives, and reverts.
    const init = '0x600160005360016000f3'
    const creating = asm(`${init} 0x00 MSTORE 0x00 0x0a 0x16 0x00 CREATE2 0x00 0x00 REVERT`)
    const created = create2Address(A, new Uint8Array(32), hexToBytes(init))
    const code = asm(`${callOf(A)} ${created} EXTCODESIZE ${created} EXTCODEHASH ADD ${RETURN_TOP}`)
    expect(await compare(code, {}, 'osaka', creating)).toBe('success')
  })
  it('a self-destruct that is taken back leaves what there was', async () => {
    const heir = account(0xb)
    // Who calls reverts afterwards.
    const reverting = asm(`${callOf(A)} 0x00 0x00 REVERT`)
    for (const [fork, to] of [
      ['osaka', heir],
      ['shanghai', heir],
      ['shanghai', A],
    ] as const) {
      const alloc = {
        [OTHER]: { code: asm(`${callOf(CALLER)} ${A} BALANCE ${RETURN_TOP}`) },
        [CALLER]: { code: reverting },
        [A]: { code: asm(`${to} SELFDESTRUCT`), balanceWei: 7n },
      }
      const [got, wanted] = await Promise.all(
        [wasm, reference].map((engine) =>
          new TestWorld(engine, alloc, fork).run({ to: OTHER, gasLimit: 1_000_000n }),
        ),
      )
      expect(outcomeText(got!)).toBe(outcomeText(wanted!))
      expect(got).toMatchObject({ kind: 'success', output: word(7n) })
    }
  })
  it('a jump to where the code ends, in memory that was used before', async () => {
    const used = asm(`0x${'ff'.repeat(32)} `.repeat(1))
    const fill = Array.from({ length: 200 }, (_, index) => {
      const at = index * 32
      return Uint8Array.of(0x80, 0x61, at >> 8, at & 255, 0x52)
    })
    const alloc = { [OTHER]: { code: concatBytes(used, ...fill) } }
    const world = new TestWorld(wasm, alloc)
    // PUSH1 8 JUMP, and five times JUMPDEST: eight bytes.
    for (const data of ['0x6008565b5b5b5b5b', '0x60106160105b5b5b5b5b5b5b5b5b5656']) {
      expect((await world.run({})).kind).toBe('success')
      expect((await world.run({ to: null, data: hexToBytes(data) })).kind).toBe('halt')
    }
  })
  it('changes in a static call', async () => {
    const changes = [
      '0x01 0x01 SSTORE',
      '0x01 0x01 TSTORE',
      '0x00 0x00 LOG0',
      '0x07 0x00 0x00 LOG1',
      '0x00 0x00 0x00 CREATE',
      '0x00 0x00 0x00 0x00 CREATE2',
      `${OTHER} SELFDESTRUCT`,
      callOf(account(0xb), '0x01'),
      // Allowed: these move nothing.
      callOf(account(0xb)),
      `0x00 0x00 0x00 0x00 0x01 ${account(0xb)} GAS CALLCODE`,
    ]
    const caller = asm(`0x00 0x00 0x00 0x00 ${A} 0xffff STATICCALL ${RETURN_TOP}`)
    for (const change of changes) {
      for (const fork of ['byzantium', 'osaka'] as const) {
        expect(await compare(caller, {}, fork, asm(`${change} STOP`))).toBe('success')
      }
    }
  })
  it('init code in memory that is too long, and as long as it may be', async () => {
    for (const size of ['0xc000', '0xc001']) {
      for (const fork of ['paris', 'shanghai', 'osaka'] as const) {
        await compare(asm(`${size} 0x00 0x00 CREATE ${RETURN_TOP}`), {}, fork)
        await compare(asm(`0x01 ${size} 0x00 0x00 CREATE2 ${RETURN_TOP}`), {}, fork)
      }
    }
  })
  it('creation within creation', async () => {
    const code = hexToBytes('0x3660006000373660006000f0600052602060006000f0')
    expect(await compare(code, { data: hexToBytes('0x38600060003938600034f000') })).toBe('success')
  })
  it('memory at its edges', async () => {
    for (const at of [
      '0x00',
      '0x1f',
      '0xffff',
      '0x0fffff',
      '0x7fffffff',
      '0xffffffff',
      '0xffffffffff',
      // Small but for a high limb.
      `0x01${'00'.repeat(8)}`,
      `0x01${'00'.repeat(16)}`,
      `0x01${'00'.repeat(23)}40`,
    ]) {
      await run(`0x01 ${at} MSTORE`)
      await run(`0x01 ${at} MSTORE8`)
      await run(`${at} 0x00 KECCAK256 ${RETURN_TOP}`)
      await run(`0x01 ${at} KECCAK256 ${RETURN_TOP}`)
      await run(`0x20 0x00 ${at} MCOPY`)
      await run(`0x20 ${at} 0x00 MCOPY`)
      await run(`${at} 0x00 0x00 CREATE ${RETURN_TOP}`)
      await run(`0x00 0x00 ${at} 0x00 0x00 ${A} 0xffff CALL ${RETURN_TOP}`)
      await run(`0x20 0x00 ${at} ${A} EXTCODECOPY`)
      await run(`${at} MLOAD POP`)
      await run(`0x00 ${at} RETURN`)
      await run(`${at} 0x00 RETURN`)
      await run(`${at} 0x00 LOG0`)
      await run(`0x00 ${at} LOG0`)
      await run(`0x20 ${at} 0x00 CALLDATACOPY 0x20 0x00 RETURN`, { data: bytes(70, 7) })
      await run(`0x20 0x00 ${at} CALLDATACOPY`, { data: bytes(70, 7) })
      await run(`${at} CALLDATALOAD ${RETURN_TOP}`, { data: bytes(70, 7) })
      await run(`${at} 0x00 0x00 RETURNDATACOPY`)
    }
    await run('0x00 0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff RETURN')
    await run('0x01 0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff MSTORE')
  })
  it('a hash that takes long, with more behind it', async () => {
    const rest = `0x07 0x08 ADD ADD DUP1 0x${'01'.repeat(9)} POP POP`
    expect(await run(`0x100000 0x00 KECCAK256 ${rest} ${RETURN_TOP}`)).toBe('success')
    expect(await run(`0x100000 0x00 KECCAK256 ${rest} POP 0x1f`)).toBe('success')
  })
  it('return data: copied to its end, and beyond', async () => {
    const callee = asm('0x2a 0x00 MSTORE 0x21 0x00 RETURN')
    for (const size of ['0x20', '0x21', '0x22']) {
      const source = `${callOf(A)} POP ${size} 0x00 0x00 RETURNDATACOPY 0x40 0x00 RETURN`
      await compare(asm(source), {}, 'osaka', callee)
    }
    await compare(
      asm(`${callOf(A)} POP RETURNDATASIZE ${RETURN_TOP}`),
      {},
      'osaka',
      asm('0x09 0x00 REVERT'),
    )
  })
  it('a call that returns a megabyte', async () => {
    const callee = asm('0x100000 0x00 RETURN')
    await compare(asm(`${callOf(A)} RETURNDATASIZE ADD ${RETURN_TOP}`), {}, 'osaka', callee)
  })
  it('a storage of 2,000 slots in one transaction', async () => {
    // Stores 1..n at 1..n.
    const code = hexToBytes('0x6107d05b80805560019003806003' + '57600054600052602060' + '00f3')
    expect(await compare(code, { gasLimit: 16_700_000n }, 'prague')).toBe('halt')
    expect(await compare(code, { gasLimit: 29_000_000n }, 'paris')).toBe('halt')
    const few = hexToBytes('0x6102005b808055600190038060035760005460005260206000f3')
    expect(await compare(few, { gasLimit: 16_700_000n })).toBe('success')
  })
  it('keeps nothing of one transaction for the next', async () => {
    const alloc = {
      [OTHER]: { code: asm('0x01 0x01 SSTORE 0x05 0x07 TSTORE 0x07 TLOAD 0x02 SSTORE') },
    }
    const worlds = [wasm, reference].map((engine) => new TestWorld(engine, alloc))
    for (let turn = 0; turn < 3; turn++) {
      const [got, wanted] = await Promise.all(worlds.map((world) => world.send({ to: OTHER })))
      expect(outcomeText(got!)).toBe(outcomeText(wanted!))
      expect(got?.access.reads.get(OTHER)?.slots?.has(slot(1))).toBe(true)
    }
  })
})
