import { Transaction as EthersTransaction, Wallet } from 'ethers'
import fc from 'fast-check'
import {
  type TransactionSerializable,
  parseTransaction,
  recoverTransactionAddress,
  serializeTransaction,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'

import { signingHash } from '../../../src/model/codec/transaction.ts'
import {
  authorizationHash,
  openTransaction,
  recoverAuthority,
  signAuthorization,
  signTransaction,
} from '../../../src/model/signer.ts'
import type { Authorization, TransactionFields } from '../../../src/model/transaction.ts'
import { bytesToHex, hexToBytes, slotOf } from '../../../src/primitives/hex.ts'
import { blob, feeMarket, legacy, setCode, withAccessList } from './arbitrary.ts'

const KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
const account = privateKeyToAccount(KEY)
const wallet = new Wallet(KEY)
const sender = account.address.toLowerCase()

/** What the libraries can hold: nonces as numbers, tips within caps, signed authorisations. */
function tame<T extends TransactionFields>(fields: T): T {
  const tamed = { ...fields, nonce: fields.nonce >> 12n, gasLimit: fields.gasLimit >> 1n }
  if ('maxFeePerGasWei' in tamed && tamed.maxPriorityFeePerGasWei > tamed.maxFeePerGasWei) {
    Object.assign(tamed, { maxFeePerGasWei: tamed.maxPriorityFeePerGasWei })
  }
  // Our chain ids may be zero, which both libraries take for none.
  if (tamed.chainId !== undefined) Object.assign(tamed, { chainId: tamed.chainId + 1n })
  if ('authorizationList' in tamed) {
    const authorizationList = tamed.authorizationList.map((it) =>
      signAuthorization(
        { ...it, chainId: it.chainId >> 204n, nonce: it.nonce >> 12n },
        hexToBytes(KEY),
      ),
    )
    Object.assign(tamed, { authorizationList })
  }
  return tamed
}

function forViem(fields: TransactionFields): TransactionSerializable {
  const names = ['legacy', 'eip2930', 'eip1559', 'eip4844', 'eip7702'] as const
  return {
    type: names[fields.type],
    chainId: fields.chainId === undefined ? undefined : Number(fields.chainId),
    nonce: Number(fields.nonce),
    gas: fields.gasLimit,
    to: fields.to ?? undefined,
    value: fields.valueWei,
    data: bytesToHex(fields.data),
    ...('gasPriceWei' in fields && { gasPrice: fields.gasPriceWei }),
    ...('accessList' in fields && { accessList: fields.accessList }),
    ...('maxFeePerGasWei' in fields && {
      maxFeePerGas: fields.maxFeePerGasWei,
      maxPriorityFeePerGas: fields.maxPriorityFeePerGasWei,
    }),
    ...('blobVersionedHashes' in fields && {
      blobVersionedHashes: fields.blobVersionedHashes,
      maxFeePerBlobGas: fields.maxFeePerBlobGasWei,
    }),
    ...('authorizationList' in fields && {
      authorizationList: fields.authorizationList.map(viemAuthorization),
    }),
  } as unknown as TransactionSerializable
}

function viemAuthorization(it: Authorization) {
  return {
    chainId: Number(it.chainId),
    address: it.address,
    nonce: Number(it.nonce),
    yParity: Number(it.yParity),
    r: slotOf(it.r),
    s: slotOf(it.s),
  }
}

describe.each([
  ['legacy', legacy],
  ['EIP-2930', withAccessList],
  ['EIP-1559', feeMarket],
  ['EIP-4844', blob],
  ['EIP-7702', setCode],
] as const)('a %s transaction', (_name, arbitrary: fc.Arbitrary<TransactionFields>) => {
  it('is signed as viem signs it, and viem reads ours', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary.map(tame), async (fields) => {
        const ours = signTransaction(fields, hexToBytes(KEY))
        const theirs = await account.signTransaction(forViem(fields))
        expect(bytesToHex(ours.raw)).toBe(theirs)
        const parsed = parseTransaction(theirs)
        expect(parsed.nonce ?? 0).toBe(Number(fields.nonce))
        expect(parsed.value ?? 0n).toBe(fields.valueWei)
        const recovered = await recoverTransactionAddress({
          serializedTransaction: theirs as never,
        })
        expect(recovered.toLowerCase()).toBe(ours.sender)
      }),
      { numRuns: 25 },
    )
  })

  it('has the digest, hash and sender that ethers finds', () => {
    fc.assert(
      fc.property(arbitrary.map(tame), (fields) => {
        const ours = signTransaction(fields, hexToBytes(KEY))
        const theirs = EthersTransaction.from(bytesToHex(ours.raw))
        expect(theirs.hash).toBe(ours.hash)
        expect(theirs.unsignedHash).toBe(bytesToHex(signingHash(fields)))
        expect(theirs.from?.toLowerCase()).toBe(sender)
        expect(theirs.type).toBe(fields.type)
        expect(theirs.gasLimit).toBe(fields.gasLimit)
        expect(theirs.to?.toLowerCase() ?? null).toBe(fields.to)
        expect(theirs.data).toBe(bytesToHex(fields.data))
      }),
      { numRuns: 25 },
    )
  })

  it('that ethers signed is opened with all its fields', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary.map(tame), async (fields) => {
        const unsigned = serializeTransaction(forViem(fields))
        const signed = await wallet.signTransaction(EthersTransaction.from(unsigned))
        const opened = openTransaction(hexToBytes(signed))
        expect(opened).toMatchObject({ ok: true, value: { ...fields, sender } })
      }),
      { numRuns: 15 },
    )
  })
})

describe('an EIP-7702 authorisation', () => {
  const authorization = { chainId: 31337n, address: sender as Authorization['address'], nonce: 7n }

  it('is signed as viem signs it', async () => {
    const theirs = await account.signAuthorization({
      chainId: 31337,
      nonce: 7,
      contractAddress: account.address,
    })
    const ours = signAuthorization(authorization, hexToBytes(KEY))
    expect(viemAuthorization(ours)).toMatchObject({
      r: theirs.r,
      s: theirs.s,
      yParity: theirs.yParity,
    })
  })

  it('is signed as ethers signs it, and gives back its authority', () => {
    const theirs = wallet.authorizeSync({ chainId: 31337n, address: account.address, nonce: 7n })
    const ours = signAuthorization(authorization, hexToBytes(KEY))
    expect(slotOf(ours.r)).toBe(theirs.signature.r)
    expect(slotOf(ours.s)).toBe(theirs.signature.s)
    expect(recoverAuthority(ours)).toBe(sender)
    expect(authorizationHash(ours)).toEqual(authorizationHash(authorization))
  })
})
