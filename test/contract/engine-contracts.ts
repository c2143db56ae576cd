import { expect, it } from 'vitest'

import type { Engine } from '../../src/evm/engine.ts'
import { create2Address, createAddress } from '../../src/model/create-address.ts'
import { EMPTY_BYTES, concatBytes } from '../../src/primitives/bytes.ts'
import { bytesToHash, bytesToHex, hexToBytes } from '../../src/primitives/hex.ts'
import { EMPTY_CODE_HASH, keccak256, keccakHash } from '../../src/primitives/keccak.ts'
import { bytesToSlot } from '../../src/primitives/hex.ts'
import {
  OTHER,
  RETURN_TOP,
  SENDER,
  TestWorld,
  account,
  asm,
  callOf,
  deploying,
  slot,
  word,
} from './engine-world.ts'

const A = account(0xa)
const B = account(0xb)

export function contractCases(engine: Engine): void {
  it('runs a token that solc compiled', async () => {
    const world = new TestWorld(engine, {})
    const deployed = await world.send({ to: null, data: hexToBytes(TOKEN) })
    const token = createAddress(SENDER, 0n)
    expect(deployed).toMatchObject({ kind: 'success', created: token, gasUsed: TOKEN_GAS })
    const mint = concatBytes(hexToBytes('0x40c10f19'), word(SENDER), word(1000))
    expect((await world.send({ to: token, data: mint })).kind).toBe('success')
    const transfer = concatBytes(hexToBytes('0xa9059cbb'), word(OTHER), word(300))
    const sent = await world.send({ to: token, data: transfer })
    expect(sent).toMatchObject({
      kind: 'success',
      output: word(1),
      logs: [
        {
          address: token,
          topics: [
            bytesToHash(keccak256(Buffer.from('Transfer(address,address,uint256)'))),
            bytesToHash(word(SENDER)),
            bytesToHash(word(OTHER)),
          ],
          data: word(300),
        },
      ],
    })
    const balance = (owner: typeof SENDER): bigint =>
      world.view.slot(token, bytesToSlot(keccak256(concatBytes(word(owner), word(0)))))
    expect([balance(SENDER), balance(OTHER)]).toEqual([700n, 300n])
    const tooMuch = concatBytes(hexToBytes('0xa9059cbb'), word(OTHER), word(701))
    const panic = concatBytes(hexToBytes('0x4e487b71'), word(0x11))
    expect(await world.send({ to: token, data: tooMuch })).toMatchObject({
      kind: 'revert',
      output: panic,
    })
  })

  it.each([
    ['out of gas', '0x01 0x00 SSTORE', 21_100n],
    ['invalid opcode: INVALID', 'INVALID', 50_000n],
    ['invalid jump destination', '0x07 JUMP STOP', 50_000n],
    ['stack underflow (1 <=> 2)', '0x01 ADD', 50_000n],
    ['stack underflow (0 <=> 7)', 'CALL', 50_000n],
    ['return data out of bounds', '0x01 0x00 0x00 RETURNDATACOPY', 50_000n],
  ])('halts: %s', async (reason, source, gasLimit) => {
    const world = new TestWorld(engine, { [A]: { code: asm(source) } })
    const outcome = await world.send({ to: A, gasLimit, valueWei: 5n })
    expect(outcome).toMatchObject({ kind: 'halt', reason, gasUsed: gasLimit, output: EMPTY_BYTES })
    expect(world.view.account(A)?.balanceWei).toBe(0n)
  })

  it('names an opcode that is not defined', async () => {
    const world = new TestWorld(engine, { [A]: { code: Uint8Array.of(0x5b, 0x2f) } })
    const reason = 'invalid opcode: opcode 0x2f not defined'
    expect(await world.send({ to: A })).toMatchObject({ kind: 'halt', reason })
  })

  it('halts when the stack is full', async () => {
    const loop = asm('JUMPDEST 0x01 0x00 JUMP')
    const world = new TestWorld(engine, { [A]: { code: loop } })
    const reason = 'stack limit reached 1024 (1023)'
    expect(await world.send({ to: A })).toMatchObject({ kind: 'halt', reason })
  })

  it('takes back what an inner call did when it reverts, and hands its data up', async () => {
    const inner = asm('0x07 0x00 SSTORE 0xbad0 0x00 MSTORE 0x20 0x00 REVERT')
    const outer = asm(
      `0x05 0x01 SSTORE ${callOf(B, '0x02')} 0x02 SSTORE RETURNDATASIZE 0x00 0x00 RETURNDATACOPY 0x20 0x00 RETURN`,
    )
    const world = new TestWorld(engine, {
      [A]: { code: outer, balanceWei: 9n },
      [B]: { code: inner },
    })
    const outcome = await world.send({ to: A })
    expect(outcome).toMatchObject({ kind: 'success', output: word(0xbad0) })
    expect(outcome.access.writes.accounts.get(A)).toEqual({ slots: new Map([[slot(1), 5n]]) })
    expect(outcome.access.writes.accounts.get(B)).toBeUndefined()
  })

  it('keeps storage and value with the caller in DELEGATECALL and CALLCODE', async () => {
    const code = asm('CALLER 0x00 SSTORE CALLVALUE 0x01 SSTORE')
    const delegating = asm(`0x00 0x00 0x00 0x00 ${B} GAS DELEGATECALL`)
    const callcode = asm(`0x00 0x00 0x00 0x00 0x03 ${B} GAS CALLCODE`)
    const world = new TestWorld(engine, {
      [A]: { code: delegating },
      [OTHER]: { code: callcode },
      [B]: { code },
    })
    await world.send({ to: A, valueWei: 8n })
    expect([world.view.slot(A, slot(0)), world.view.slot(A, slot(1))]).toEqual([BigInt(SENDER), 8n])
    await world.send({ to: OTHER, valueWei: 8n })
    expect([world.view.slot(OTHER, slot(0)), world.view.slot(OTHER, slot(1))]).toEqual([
      BigInt(OTHER),
      3n,
    ])
  })

  it.each([
    '0x01 0x00 SSTORE',
    '0x00 0x00 LOG0',
    `${B} SELFDESTRUCT`,
    '0x00 0x00 0x00 CREATE',
    '0x01 0x00 TSTORE',
  ])('forbids changes in a static call: %s', async (source) => {
    const outer = asm(`0x00 0x00 0x00 0x00 ${B} 0xffff STATICCALL ${RETURN_TOP}`)
    const world = new TestWorld(engine, { [A]: { code: outer }, [B]: { code: asm(source) } })
    const outcome = await world.send({ to: A })
    expect(outcome).toMatchObject({ kind: 'success', output: word(0), logs: [] })
    expect(outcome.access.writes.accounts.get(B)).toBeUndefined()
  })

  it('creates with CREATE and CREATE2', async () => {
    const init = deploying(asm('0x2a 0x00 SSTORE'))
    const load = `CALLDATASIZE 0x00 0x00 CALLDATACOPY`
    const code = asm(
      `${load} 0x77 CALLDATASIZE 0x00 0x01 CREATE2 CALLDATASIZE 0x00 0x00 CREATE ${RETURN_TOP}`,
    )
    const world = new TestWorld(engine, { [A]: { code, nonce: 5n, balanceWei: 2n } })
    const outcome = await world.send({ to: A, data: init })
    const first = create2Address(A, word(0x77), init)
    const second = createAddress(A, 6n)
    expect(outcome.output).toEqual(word(second))
    const codeHash = keccakHash(asm('0x2a 0x00 SSTORE'))
    expect(world.view.account(first)).toEqual({ nonce: 1n, balanceWei: 1n, codeHash })
    expect(world.view.account(second)).toEqual({ nonce: 1n, balanceWei: 0n, codeHash })
    expect(world.view.account(A)?.nonce).toBe(7n)
    await world.send({ to: first })
    expect(world.view.slot(first, slot(0))).toBe(42n)
  })

  it('forgets transient storage with the transaction', async () => {
    const code = asm(`0x00 TLOAD 0x05 0x00 TSTORE 0x00 TLOAD ADD ${RETURN_TOP}`)
    const world = new TestWorld(engine, { [A]: { code } })
    expect((await world.send({ to: A })).output).toEqual(word(5))
    expect((await world.send({ to: A })).output).toEqual(word(5))
  })

  it('calls precompiles', async () => {
    const world = new TestWorld(engine, {})
    const sha256 = '0x0000000000000000000000000000000000000002' as typeof A
    const outcome = await world.send({ to: sha256, data: EMPTY_BYTES })
    expect(bytesToHex(outcome.output)).toBe(
      '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    )
    expect(outcome.gasUsed).toBe(21_060n)
  })

  it('recovers signers', async () => {
    const world = new TestWorld(engine, {})
    const ecrecover = '0x0000000000000000000000000000000000000001' as typeof A
    const outcome = await world.send({ to: ecrecover, data: hexToBytes(SIGNED) })
    expect(outcome.output).toEqual(word(0xa94f5374fce5edbc8e2a8697c15331677e6ebf0bn))
    const none = await world.send({ to: ecrecover, data: hexToBytes(SIGNED).subarray(0, 90) })
    expect(none).toMatchObject({ kind: 'success', output: EMPTY_BYTES })
  })

  it('has no code hash for what is not there', async () => {
    const code = asm(`${B} EXTCODEHASH 0x00 SSTORE ${OTHER} EXTCODEHASH 0x01 SSTORE`)
    const world = new TestWorld(engine, { [A]: { code }, [OTHER]: { balanceWei: 1n } })
    await world.send({ to: A })
    expect(world.view.slot(A, slot(0))).toBe(0n)
    expect(world.view.slot(A, slot(1))).toBe(BigInt(EMPTY_CODE_HASH))
  })
}

/** The vector that every client's ECRECOVER test starts with. */
const SIGNED =
  '0x18c547e4f7b0f325ad1e56f57e26c745b09a3e503d86e00e5255ff7f715d3d1c' +
  '000000000000000000000000000000000000000000000000000000000000001c' +
  '73b1693892219d736caba55bdb67216e485557ea6b6af75f37096c9aa6a5a75f' +
  'eeb940b1d03b21e36b0e47e79769f095fe2ab855bd91e3a38756b7d75a9c4549'

/**
 * solc 0.8.37, optimizer 200 runs, Cancun:
 * contract Token {
 *   mapping(address => uint) public balanceOf;
 *   event Transfer(address indexed a, address indexed b, uint v);
 *   function mint(address a, uint v) external { balanceOf[a] += v; emit Transfer(address(0), a, v); }
 *   function transfer(address a, uint v) external returns (bool) {
 *     balanceOf[msg.sender] -= v; balanceOf[a] += v; emit Transfer(msg.sender, a, v); return true;
 *   }
 * }
 */
const TOKEN =
  '0x6080604052348015600e575f5ffd5b5061028b8061001c5f395ff3fe608060405234801561000f575f5ffd5b50600436' +
  '1061003f575f3560e01c806340c10f191461004357806370a0823114610058578063a9059cbb1461008a575b5f5ffd5b' +
  '6100566100513660046101d3565b6100ad565b005b6100776100663660046101fb565b5f602081905290815260409020' +
  '5481565b6040519081526020015b60405180910390f35b61009d6100983660046101d3565b61011d565b604051901515' +
  '8152602001610081565b6001600160a01b0382165f90815260208190526040812080548392906100d490849061022f56' +
  '5b90915550506040518181526001600160a01b038316905f907fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4' +
  'a11628f55a4df523b3ef9060200160405180910390a35050565b335f9081526020819052604081208054839190839061' +
  '013d908490610242565b90915550506001600160a01b0383165f90815260208190526040812080548492906101699084' +
  '9061022f565b90915550506040518281526001600160a01b0384169033907fddf252ad1be2c89b69c2b068fc378daa95' +
  '2ba7f163c4a11628f55a4df523b3ef9060200160405180910390a35060015b92915050565b80356001600160a01b0381' +
  '1681146101ce575f5ffd5b919050565b5f5f604083850312156101e4575f5ffd5b6101ed836101b8565b946020939093' +
  '013593505050565b5f6020828403121561020b575f5ffd5b610214826101b8565b9392505050565b634e487b7160e01b' +
  '5f52601160045260245ffd5b808201808211156101b2576101b261021b565b818103818111156101b2576101b261021b' +
  '56fea2646970667358221220fcedfb79f48ef2e564d55ecf17ab87ca9d128a07dcba0283d91bf9e0fe2a861b64736f6c' +
  '63430008250033'
const TOKEN_GAS = 194_067n
