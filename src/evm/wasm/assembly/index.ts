/** What the host calls. */
import {
  ANSWER,
  CODES,
  CODE_HASH,
  CODE_STATE,
  FORK,
  HIT_MEMORY_CAP,
  NEED_GAS,
  NEED_SLOT,
  ORIGIN,
  SCRATCH,
  VOLATILE,
  WARM,
} from '../layout'
import { CALL, OUT_OF_GAS } from '../status'
import { copy } from '../../../primitives/assembly/u256'
import { loadBytes32, storeBytes32 } from '../../../primitives/assembly/u256-bytes'
import { keccak256 } from '../../../primitives/assembly/keccak'
import {
  accountAt,
  credit,
  debit,
  pushAddress,
  resetAccounts,
  setNonce,
  storeAddress,
  warm,
} from './accounts'
import { dropCodes, initCode, newCode } from './codes'
import { resetLogs } from './copies'
import { creationAt, isVacancyKnown, openCreation } from './creates'
import { forgetHashes, hashAnswered } from './environment'
import { CALLER, INPUT, INPUT_SIZE, OUTPUT_SIZE, VALUE } from './frame-layout'
import { end, open, resetFrames, returnBuffer, start, startPrecompile } from './frames'
import { frameBase, pin, resetHeap } from './heap'
import { raiseSlot, resetJournal } from './journal'
import { depth, frame, refund, returnData, setFork, setGas, setRefund } from './registers'
import { provideSlot, resetSlots, slotAt } from './slots'
import { transfer } from './calls'

export { run } from './interpreter'
export {
  isVacancyKnown,
  dropCodes,
  newCode,
  pin,
  returnBuffer,
  creationAt,
  credit,
  debit,
  setNonce,
  warm,
  hashAnswered,
}

/** Once, before anything else. */
export function setUp(): void {
  const code = initCode(CODES, 0)
  store<u32>(code, 1, CODE_STATE)
  keccak256(code + CODE_HASH, code, 0)
}

/** Forgets the last transaction. The context is written before or after. */
export function begin(): void {
  setFork(load<i32>(FORK))
  resetHeap()
  resetAccounts()
  resetSlots()
  resetJournal()
  resetLogs()
  resetFrames()
  forgetHashes()
  store<u32>(VOLATILE, 0)
  store<u32>(HIT_MEMORY_CAP, 0)
}

/** The entry of the account whose address is the 20 bytes in the scratch. */
export function account(): usize {
  return accountAt(
    bswap<u64>(load<u64>(SCRATCH, 12)),
    bswap<u64>(load<u64>(SCRATCH, 4)),
    bswap<u32>(load<u32>(SCRATCH)),
  )
}

/** The slot of `at` whose key is the 32 bytes in the scratch. */
export function slot(at: usize): usize {
  loadBytes32(SCRATCH, SCRATCH)
  return slotAt(at, SCRATCH)
}

export function warmSlot(at: usize): void {
  raiseSlot(at, WARM)
}

/** The address of an account as 20 bytes in the scratch. */
export function addressBytes(at: usize): void {
  storeAddress(SCRATCH, at)
}

/** The word at `at` as 32 bytes in the scratch. */
export function wordBytes(at: usize): void {
  storeBytes32(SCRATCH, at)
}

/** ORIGIN is this account's address. */
export function setOrigin(at: usize): void {
  pushAddress(ORIGIN, at)
}

/** EIP-7702 gives back what an authority that exists did not cost. */
export function grantRefund(gas: i32): void {
  setRefund(refund + gas)
}

/** Answers a slot that was needed with the word in the place for answers. */
export function answerSlot(): void {
  provideSlot(load<u32>(NEED_SLOT), ANSWER)
}

/** Opens the transaction's frame as a call. The value is the word in the scratch. */
export function beginCall(
  from: usize,
  to: usize,
  codeAccount: usize,
  code: usize,
  precompile: u32,
  input: usize,
  inputSize: usize,
  gas: i64,
): void {
  open(CALL, to, gas, frameBase())
  store<u32>(frame, <u32>from, CALLER)
  store<usize>(frame, input, INPUT)
  store<usize>(frame, inputSize, INPUT_SIZE)
  store<usize>(frame, 0, OUTPUT_SIZE)
  copy(frame + VALUE, SCRATCH)
  transfer(from, to, frame + VALUE)
  if (precompile != 0) startPrecompile(precompile, to, false)
  else start(code, codeAccount, false)
}

/** Opens the transaction's frame as a creation at `at`. The value is the word in the scratch. */
export function beginCreation(from: usize, at: usize, input: usize, size: usize, gas: i64): void {
  openCreation(0xf0, from, at, SCRATCH, gas, input, size)
}

/** Ends the precompile that was needed; its output is in the return buffer, the gas left where it was read. */
export function endPrecompile(status: i32, size: usize): void {
  setGas(load<i64>(NEED_GAS))
  end(status, returnData, size)
}

/** Ends all frames as if gas had run out. */
export function abort(): void {
  while (depth >= 0) end(OUT_OF_GAS, 0, 0)
}
