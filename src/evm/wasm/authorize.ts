import { recoverAuthority } from '../../model/signer.ts'
import type { Authorization } from '../../model/transaction.ts'
import { MAX_NONCE } from '../../model/validity.ts'
import { concatBytes } from '../../primitives/bytes.ts'
import { ZERO_ADDRESS, hexToBytes } from '../../primitives/hex.ts'
import { EMPTY_CODE_HASH, keccakHash } from '../../primitives/keccak.ts'
import {
  ACCOUNT_CODE,
  ACCOUNT_CODE_HASH,
  ACCOUNT_FLAGS,
  ACCOUNT_NONCE,
  ACCOUNT_READS,
  CODES,
  CODE_BYTES,
  CODE_LENGTH,
  CODE_SET,
  EXISTS,
  READ_CODE,
  READ_NONCE,
} from './layout.ts'
import type { Session } from './session.ts'

const DELEGATION_MARK = Uint8Array.of(0xef, 0x01, 0x00)
/** What an authorisation of an account that exists gives back: 25000 - 12500. */
const KNOWN_AUTHORITY_REFUND = 12_500

/** EIP-7702: sets the codes that the list names. One that does not hold is passed over. */
export function authorize(session: Session, list: readonly Authorization[]): void {
  for (const authorization of list) authorizeOne(session, authorization)
}

function authorizeOne(session: Session, authorization: Authorization): void {
  const { chainId, nonce, address } = authorization
  if (chainId !== 0n && chainId !== session.env.chainId) return
  if (nonce >= MAX_NONCE) return
  const authority = recoverAuthority(authorization)
  if (authority === undefined) return
  const { instance } = session
  const { at } = session.load(authority)
  instance.fn.warm(at)
  instance.u32[(at + ACCOUNT_READS) >>> 2]! |= READ_CODE | READ_NONCE
  const code = session.codeOf(at)
  if (code !== CODES && !isDelegationAt(session, code)) return
  if (instance.u64[(at + ACCOUNT_NONCE) >>> 3] !== nonce) return
  if ((instance.pointer(at + ACCOUNT_FLAGS) & EXISTS) !== 0) {
    instance.fn.grantRefund(KNOWN_AUTHORITY_REFUND)
  }
  if (address === ZERO_ADDRESS) {
    instance.u32[(at + ACCOUNT_CODE) >>> 2] = CODES
    instance.setHash(at + ACCOUNT_CODE_HASH, EMPTY_CODE_HASH)
  } else {
    const designation = concatBytes(DELEGATION_MARK, hexToBytes(address))
    const hash = keccakHash(designation)
    instance.u32[(at + ACCOUNT_CODE) >>> 2] =
      instance.codeAt(hash) ?? instance.putCode(hash, designation)
    instance.setHash(at + ACCOUNT_CODE_HASH, hash)
  }
  instance.u32[(at + ACCOUNT_FLAGS) >>> 2]! |= CODE_SET
  instance.fn.setNonce(at, nonce + 1n)
}

/** Whether the code in memory names another account's. */
export function isDelegationAt({ instance }: Session, code: number): boolean {
  if (instance.pointer(code + CODE_LENGTH) !== 23) return false
  return DELEGATION_MARK.every((byte, i) => instance.u8[code + CODE_BYTES + i] === byte)
}
