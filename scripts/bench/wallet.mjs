// Keys from a seed, and transactions signed before anything is timed.
import { createHash } from 'node:crypto'
import { secp256k1 as noble } from '@noble/curves/secp256k1.js'
import { keccak256, serializeTransaction } from 'viem'

const chainId = 31337
const feeCapWei = 20_000_000_000n
const tipWei = 1_000_000_000n

/** What anvil_setBalance gives each sender, in wei. */
export const senderBalanceWei = 10n ** 20n

/**
 * @typedef {object} Sender
 * @property {Uint8Array} key
 * @property {`0x${string}`} address
 */

/**
 * @typedef {object} Signed
 * @property {`0x${string}`} raw
 * @property {`0x${string}`} hash
 */

const native = await loadNative()

/** The first dev account of both nodes ("test test … junk"), which deploys. */
export const deployer = senderOf(
  Buffer.from('ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80', 'hex'),
)

/**
 * Accounts with keys that follow from the seed.
 * @param {number} seed
 * @param {string} label keeps the accounts of two uses apart
 * @param {number} count
 * @returns {Sender[]}
 */
export function makeSenders(seed, label, count) {
  return Array.from({ length: count }, (_, index) => senderOf(digest(seed, label, index)))
}

/**
 * Addresses that nobody has the key of.
 * @param {number} seed
 * @param {string} label
 * @param {number} count
 * @returns {`0x${string}`[]} lower case
 */
export function makeAddresses(seed, label, count) {
  return Array.from(
    { length: count },
    (_, index) => `0x${digest(seed, label, index).toString('hex', 0, 20)}`,
  )
}

/**
 * A number that follows from the seed.
 * @param {number} seed
 * @param {string} label
 * @param {number} index
 * @returns {bigint} 1 to 2^32
 */
export function makeAmount(seed, label, index) {
  return BigInt(digest(seed, label, index).readUInt32BE(0)) + 1n
}

/**
 * Signs an EIP-1559 transaction.
 * @param {Sender} sender
 * @param {{ nonce: number, gas: bigint, to?: `0x${string}`, value?: bigint, data?: `0x${string}`,
 *   extraWei?: bigint }} fields value in wei; without `to` it deploys; `extraWei` is offered above
 *   the usual fees: nodes order by the tip (heddle) or by the fee cap (Anvil), so it raises both
 * @returns {Signed}
 */
export function sign(sender, { extraWei = 0n, ...fields }) {
  const transaction = {
    type: 'eip1559',
    chainId,
    maxFeePerGas: feeCapWei + extraWei,
    maxPriorityFeePerGas: tipWei + extraWei,
    ...fields,
  }
  const signedHash = Buffer.from(keccak256(serializeTransaction(transaction)).slice(2), 'hex')
  const { signature, recovery } = signHash(signedHash, sender.key)
  const raw = serializeTransaction(transaction, {
    r: toHex(signature.subarray(0, 32)),
    s: toHex(signature.subarray(32)),
    yParity: recovery,
  })
  return { raw, hash: keccak256(raw) }
}

async function loadNative() {
  try {
    return (await import('secp256k1')).default
  } catch {
    return undefined
  }
}

function signHash(hash, key) {
  if (native !== undefined) {
    const { signature, recid } = native.ecdsaSign(hash, key)
    return { signature, recovery: recid }
  }
  const bytes = noble.sign(hash, key, { prehash: false, format: 'recovered' })
  return { signature: bytes.subarray(1), recovery: bytes[0] }
}

function senderOf(key) {
  const point = native?.publicKeyCreate(key, false) ?? noble.getPublicKey(key, false)
  return { key, address: `0x${keccak256(point.subarray(1)).slice(-40)}` }
}

function digest(seed, label, index) {
  return createHash('sha256').update(`${seed}/${label}/${index}`).digest()
}

function toHex(bytes) {
  return `0x${Buffer.from(bytes).toString('hex')}`
}
