/** One transaction from its first check to its record. Each phase can stop for what it needs, and begins again. */
import {
  FORK,
  HIT_MEMORY_CAP,
  RECORD,
  RESULT_DETAIL,
  RESULT_DETAIL2,
  RESULT_OUTPUT_SIZE,
  RESULT_STATUS,
  VOLATILE,
} from '../layout'
import { DONE, NEED, OUT_OF_GAS } from '../status'
import { RECORD_REJECTED } from '../../../state/record-layout'
import { resetAccounts } from './accounts'
import { authorize, resetAuthorizations } from './authorize'
import { tidyCodes } from './codes'
import { resetLogs } from './copies'
import { setTransaction } from './encoded'
import { forgetHashes } from './environment'
import { end, resetFrames } from './frames'
import { pin, resetHeap } from './heap'
import { run as interpret } from './interpreter'
import { resetJournal } from './journal'
import { PARKED } from './needs'
import { admit, openFrame, present } from './prepare'
import { abridge, resetRecord, writeRecord } from './record'
import { depth, setFork } from './registers'
import { resetGas, settle } from './settle'
import { resetSlots } from './slots'

const ADMITTING: i32 = 0
const AUTHORIZING: i32 = 1
const OPENING: i32 = 2
const RUNNING: i32 = 3
const SETTLING: i32 = 4
const RECORDING: i32 = 5
const ENDED: i32 = 6

let phase: i32 = ENDED
let isPresented: bool = false
let isDoomed: bool = false

/** Forgets the last transaction. @returns where the next one is to be put, which has `size` bytes */
export function begin(size: usize): usize {
  setFork(load<i32>(FORK))
  resetHeap()
  tidyCodes()
  resetAccounts()
  resetSlots()
  resetJournal()
  resetLogs()
  resetFrames()
  resetAuthorizations()
  resetGas()
  resetRecord()
  forgetHashes()
  store<u32>(VOLATILE, 0)
  store<u32>(HIT_MEMORY_CAP, 0)
  store<u32>(RESULT_DETAIL, 0)
  store<u32>(RESULT_DETAIL2, 0)
  store<u32>(RESULT_OUTPUT_SIZE, 0)
  store<u32>(RECORD, 0)
  phase = ADMITTING
  isPresented = false
  isDoomed = false
  const at = pin(size)
  setTransaction(at)
  return at
}

/** Forgets the transaction at work. */
export function drop(): void {
  phase = ENDED
}

/** Whether no transaction is at work. */
export function hasEnded(): bool {
  return phase == ENDED
}

/** Whether the last transaction that began was to run out of gas. */
export function hasDoom(): bool {
  return isDoomed
}

/** The transaction's frame is to run out of gas as soon as it is open: there is no memory for it. */
export function doom(): void {
  isDoomed = true
}

/** Ends all frames as if gas had run out, for good: the record will not say what was only read. @returns whether there was one */
export function abort(): bool {
  if (depth < 0) return false
  endAll()
  abridge()
  return true
}

function endAll(): void {
  while (depth >= 0) end(OUT_OF_GAS, 0, 0)
}

/** @returns DONE, NEED, or OUT_OF_FUEL after so many jumps */
export function run(fuel: i32): i32 {
  if (phase < RUNNING && prepare() == PARKED) return NEED
  if (phase == RUNNING) {
    const state = interpret(fuel)
    if (state != DONE) return state
    phase = SETTLING
  }
  if (phase == SETTLING) {
    if (settle() == PARKED) return NEED
    phase = RECORDING
  }
  if (phase == RECORDING) {
    phase = ENDED
    writeRecord()
  }
  return DONE
}

function prepare(): i32 {
  if (!isPresented) {
    present()
    isPresented = true
  }
  if (phase == ADMITTING) {
    const status = admit()
    if (status == PARKED) return PARKED
    if (status == RECORD_REJECTED) {
      store<i32>(RESULT_STATUS, RECORD_REJECTED)
      phase = RECORDING
      return 0
    }
    phase = AUTHORIZING
  }
  if (phase == AUTHORIZING) {
    if (authorize() == PARKED) return PARKED
    phase = OPENING
  }
  if (openFrame() == PARKED) return PARKED
  phase = RUNNING
  if (isDoomed) {
    endAll()
    store<u32>(HIT_MEMORY_CAP, 1)
  }
  return 0
}
