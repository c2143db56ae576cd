import { createHash, randomBytes } from 'node:crypto'

/** How many words a BIP-39 mnemonic may have. */
export const MNEMONIC_LENGTHS = [12, 15, 18, 21, 24] as const
export type MnemonicLength = (typeof MNEMONIC_LENGTHS)[number]

/** A new mnemonic from the system's randomness (BIP-39, English). */
export async function randomMnemonic(length: MnemonicLength): Promise<string> {
  return entropyToMnemonic(randomBytes((length / 3) * 4), await loadWords())
}

/**
 * The 12 words that Anvil makes of the same seed: the low bytes of 16 numbers of ChaCha12, keyed as Rust's
 * `SeedableRng::seed_from_u64` does.
 *
 * @param seed below 2^64
 */
export async function seededMnemonic(seed: bigint): Promise<string> {
  const stream = chacha12(expandSeed(seed))
  const lowBytes = Uint8Array.from({ length: 16 }, (_, at) => stream[at * 4]!)
  return entropyToMnemonic(lowBytes, await loadWords())
}

/** What is odd about a mnemonic, for a warning: derivation takes any text. undefined when it is a valid one. */
export async function mnemonicOddity(mnemonic: string): Promise<string | undefined> {
  const words = mnemonic.normalize('NFKD').split(' ')
  if (!MNEMONIC_LENGTHS.some((length) => length === words.length)) {
    return `a mnemonic has 12, 15, 18, 21 or 24 words, this one has ${words.length}`
  }
  const list = await loadWords()
  const unknown = words.find((word) => !list.includes(word))
  if (unknown !== undefined) return `"${unknown}" is not in BIP-39's English word list`
  const bits = words.map((word) => toBits(list.indexOf(word), 11)).join('')
  const entropy = bytesOf(bits.slice(0, Math.floor(bits.length / 33) * 32))
  if (entropyToMnemonic(entropy, list) === words.join(' ')) return undefined
  return 'the last word does not match the others (its checksum is wrong)'
}

async function loadWords(): Promise<readonly string[]> {
  return (await import('./wordlist.ts')).WORDS
}

/** BIP-39: the entropy's bits, then one bit of its SHA-256 for every 32, in groups of 11. */
function entropyToMnemonic(entropy: Uint8Array, words: readonly string[]): string {
  const digest = createHash('sha256').update(entropy).digest()
  const checksum = toBits(digest[0]!, 8).slice(0, entropy.length / 4)
  const bits = [...entropy].map((byte) => toBits(byte, 8)).join('') + checksum
  return (bits.match(/.{11}/g) ?? []).map((group) => words[Number.parseInt(group, 2)]!).join(' ')
}

function toBits(value: number, width: number): string {
  return value.toString(2).padStart(width, '0')
}

function bytesOf(bits: string): Uint8Array {
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (group) => Number.parseInt(group, 2))
}

/** PCG32 (XSH RR), one step for each of eight words. */
function expandSeed(seed: bigint): Uint32Array {
  const key = new Uint32Array(8)
  let state = seed
  for (let at = 0; at < key.length; at++) {
    state = BigInt.asUintN(64, state * 6_364_136_223_846_793_005n + 11_634_580_027_462_260_723n)
    const shifted = Number(BigInt.asUintN(32, ((state >> 18n) ^ state) >> 27n))
    const turn = Number(state >> 59n)
    key[at] = (shifted >>> turn) | (shifted << (-turn & 31))
  }
  return key
}

/** The first 64 bytes of ChaCha with 12 rounds, counter and nonce zero. Node has only 20 rounds. */
function chacha12(key: Uint32Array): Uint8Array {
  const initial = new Uint32Array(16)
  initial.set([0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574])
  initial.set(key, 4)
  const x = initial.slice()
  for (let round = 0; round < 6; round++) {
    for (let column = 0; column < 4; column++) {
      quarter(x, column, column + 4, column + 8, column + 12)
    }
    for (let column = 0; column < 4; column++) {
      quarter(x, column, 4 + ((column + 1) & 3), 8 + ((column + 2) & 3), 12 + ((column + 3) & 3))
    }
  }
  const block = new DataView(new ArrayBuffer(64))
  for (let at = 0; at < 16; at++) block.setUint32(at * 4, (x[at]! + initial[at]!) >>> 0, true)
  return new Uint8Array(block.buffer)
}

function quarter(x: Uint32Array, a: number, b: number, c: number, d: number): void {
  mix(x, a, b, d, 16)
  mix(x, c, d, b, 12)
  mix(x, a, b, d, 8)
  mix(x, c, d, b, 7)
}

function mix(x: Uint32Array, sum: number, addend: number, turned: number, turn: number): void {
  x[sum] = x[sum]! + x[addend]!
  const mixed = x[turned]! ^ x[sum]!
  x[turned] = (mixed << turn) | (mixed >>> (32 - turn))
}
