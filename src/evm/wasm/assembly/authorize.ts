/** EIP-7702: sets the codes that a transaction's list names. */
import {
  ACCOUNT_CODE,
  ACCOUNT_CODE_HASH,
  ACCOUNT_FLAGS,
  ACCOUNT_NONCE,
  CODE_HASH,
  CODE_SET,
  EXISTS,
  READ_CODE,
  READ_LIFE,
  READ_NONCE,
} from '../layout'
import {
  AUTHORIZATION_AUTHORITY,
  AUTHORIZATION_NONCE,
  AUTHORIZATION_SIZE,
  AUTHORIZATION_TARGET,
  TX_AUTHORIZATIONS,
  TX_AUTHORIZATIONS_AT,
} from '../transaction-layout'
import { copy } from '../../../primitives/assembly/u256'
import { keccak256 } from '../../../primitives/assembly/keccak'
import { flagsOf, hasCode, isLoaded, noteRead, setNonce, storeAddress, warm } from './accounts'
import { codeOf, codeWith, emptyCode, isDelegation } from './codes'
import { accountIn, isNone, tx } from './encoded'
import { needCode, needState } from './needs'
import { refund, setRefund } from './registers'
import { areCounted, countAuthority } from './resources'

/** What an authorisation of an account that exists gives back: 25000 - 12500. */
const KNOWN_AUTHORITY_REFUND: i64 = 12500
const DESIGNATION_SIZE: i32 = 23

const DESIGNATION: usize = memory.data(32)
const DIGEST: usize = memory.data(32)

/** How many of the list are done. */
let done: u32 = 0

export function resetAuthorizations(): void {
  done = 0
}

/** @returns 0 when all is done, or PARKED */
export function authorize(): i32 {
  while (done < load<u32>(tx, TX_AUTHORIZATIONS)) {
    const at = tx + load<u32>(tx, TX_AUTHORIZATIONS_AT) + <usize>done * AUTHORIZATION_SIZE
    const status = authorizeOne(at)
    if (status != 0) return status
    done++
  }
  return 0
}

/** One that does not hold is passed over. */
function authorizeOne(at: usize): i32 {
  const authority = accountIn(at + AUTHORIZATION_AUTHORITY)
  if (!isLoaded(authority)) return needState(authority)
  if (codeOf(authority) == 0) return needCode(authority)
  warm(authority)
  noteRead(authority, READ_CODE | READ_NONCE)
  if (hasCode(authority) && !isDelegation(codeOf(authority))) return 0
  const nonce = load<u64>(authority, ACCOUNT_NONCE)
  if (nonce != load<u64>(at, AUTHORIZATION_NONCE)) return 0
  noteRead(authority, READ_LIFE)
  if ((flagsOf(authority) & EXISTS) != 0) setRefund(refund + KNOWN_AUTHORITY_REFUND)
  else if (areCounted()) countAuthority()
  const code = designationOf(at + AUTHORIZATION_TARGET)
  store<u32>(authority, <u32>code, ACCOUNT_CODE)
  copy(authority + ACCOUNT_CODE_HASH, code + CODE_HASH)
  store<u32>(authority, flagsOf(authority) | CODE_SET, ACCOUNT_FLAGS)
  setNonce(authority, nonce + 1)
  return 0
}

/** The code that names an account's; none for the address of zeros. */
function designationOf(target: usize): usize {
  if (isNone(target)) return emptyCode
  store<u32>(DESIGNATION, 0x0001ef)
  storeAddress(DESIGNATION + 3, target)
  keccak256(DIGEST, DESIGNATION, DESIGNATION_SIZE)
  return codeWith(DIGEST, DESIGNATION, DESIGNATION_SIZE)
}
