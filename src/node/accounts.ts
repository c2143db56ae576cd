import { createHmac, pbkdf2Sync } from 'node:crypto'

import { bytesToHash } from '../primitives/hex.ts'
import { invariant } from '../primitives/invariant.ts'
import {
  SECP256K1_N,
  type Secp256k1,
  loadBackend,
  publicKeyToAddress,
} from '../primitives/secp256k1.ts'
import type { AccountsConfig, DevAccount } from './config.ts'

/** BIP-32: indexes from here on are hardened. */
const HARDENED = 0x8000_0000
const PATH = /^m(?:\/\d+'?)*\/$/

interface ExtendedKey {
  /** 32 bytes. */
  readonly privateKey: Uint8Array
  /** 32 bytes. */
  readonly chainCode: Uint8Array
}

/**
 * The first `count` accounts of a mnemonic, in order (BIP-39 without a passphrase, BIP-32).
 *
 * @throws {RangeError} when the derivation path is not one: `m/44'/60'/0'/0/`, each index below 2^31.
 */
export function deriveAccounts(config: AccountsConfig): readonly DevAccount[] {
  const indexes = parseDerivationPath(config.derivationPath)
  if (indexes === undefined) {
    throw new RangeError(
      `expected a derivation path such as m/44'/60'/0'/0/, got ${config.derivationPath}`,
    )
  }
  const curve = loadBackend()
  let parent = masterKey(mnemonicToSeed(config.mnemonic))
  for (const index of indexes) parent = childKey(parent, index, curve)
  const accounts: DevAccount[] = []
  for (let index = 0; index < config.count; index++) {
    const { privateKey } = childKey(parent, index, curve)
    const address = publicKeyToAddress(curve.publicKey(privateKey))
    accounts.push({ address, privateKey: bytesToHash(privateKey) })
  }
  return accounts
}

/** The indexes of a path that lacks its last one (`m/44'/60'/0'/0/`), hardened ones raised by 2^31; undefined when it is none. */
export function parseDerivationPath(path: string): readonly number[] | undefined {
  if (!PATH.test(path)) return undefined
  const parts = path.slice(2, -1).split('/')
  const indexes = parts
    .filter((part) => part !== '')
    .map((part) => ({ number: Number.parseInt(part, 10), hardened: part.endsWith("'") }))
  if (indexes.some(({ number }) => number >= HARDENED)) return undefined
  return indexes.map(({ number, hardened }) => (hardened ? number + HARDENED : number))
}

/** BIP-39: 64 bytes. Any text is stretched, whether or not its words are of a list. */
function mnemonicToSeed(mnemonic: string): Uint8Array {
  return pbkdf2Sync(mnemonic.normalize('NFKD'), 'mnemonic', 2048, 64, 'sha512')
}

function masterKey(seed: Uint8Array): ExtendedKey {
  const digest = createHmac('sha512', 'Bitcoin seed').update(seed).digest()
  return { privateKey: digest.subarray(0, 32), chainCode: digest.subarray(32) }
}

/** CKDpriv. The cases that BIP-32 calls invalid have a chance of 1 in 2^127. */
function childKey(parent: ExtendedKey, index: number, curve: Secp256k1): ExtendedKey {
  const data = Buffer.alloc(37)
  if (index >= HARDENED) data.set(parent.privateKey, 1)
  else data.set(compress(curve.publicKey(parent.privateKey)))
  data.writeUInt32BE(index, 33)
  const digest = createHmac('sha512', parent.chainCode).update(data).digest()
  const tweak = toBigInt(digest.subarray(0, 32))
  const scalar = (tweak + toBigInt(parent.privateKey)) % SECP256K1_N
  invariant(tweak < SECP256K1_N && scalar !== 0n, 'a derived key is valid')
  const privateKey = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex')
  return { privateKey, chainCode: digest.subarray(32) }
}

/** 33 bytes from the 64 of (x, y). */
function compress(publicKey: Uint8Array): Uint8Array {
  const compressed = new Uint8Array(33)
  compressed[0] = 2 + (publicKey[63]! & 1)
  compressed.set(publicKey.subarray(0, 32), 1)
  return compressed
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}
