/** What a token's view says with another word in the place of one of its slots; undefined when it says no number then. */
export type Says = (word: bigint) => Promise<bigint | undefined>

/** A value that no slot holds by chance; small, because tokens pack flags above balances. */
const PROBE = 0x5e7d_1ab2_c3f4n
const WORD_BITS = 256
/** A balance that is computed from shares may not be able to say each number: by so little it may stay below. */
const ROUNDING = 10n

/** Some bits of a word, the rest of which are other things. */
interface Field {
  readonly lowBit: bigint
  readonly bits: bigint
}

/**
 * The word that makes a view say `wanted`. Mostly the word is the number; it may also be some bytes of it, with flags beside them that
 * stay as they are, or shares that the view multiplies.
 * @param before the word that the slot has now @param said what the view says of it
 * @returns undefined when the slot decides nothing, or no word of it says so much
 */
export async function wordSaying(
  wanted: bigint,
  before: bigint,
  said: bigint | undefined,
  says: Says,
): Promise<bigint | undefined> {
  const isWhole = before === said && (await says(PROBE)) === PROBE
  if (isWhole && (await says(wanted)) === wanted) return wanted
  const field = await fieldOf(before, says)
  if (field === undefined) return undefined
  const most = (1n << field.bits) - 1n
  const hold = (value: bigint): bigint =>
    (before & ~(most << field.lowBit)) | (value << field.lowBit)
  if (wanted <= most && (await says(hold(wanted))) === wanted) return hold(wanted)
  const value = await lastUpTo(wanted, most, (each) => says(hold(each)))
  const reached = await says(hold(value))
  if (reached === undefined || reached > wanted || wanted - reached > ROUNDING) return undefined
  const isRounded = reached < wanted && value === most
  return isRounded ? undefined : hold(value)
}

/** The bits that the view depends on, from the lowest on, as far as they follow each other. */
async function fieldOf(before: bigint, says: Says): Promise<Field | undefined> {
  const isSeen = async (bit: number, mask: bigint): Promise<boolean> => {
    const full = await says(before | (mask << BigInt(bit)))
    if (full === undefined) return false
    const empty = await says(before & ~(mask << BigInt(bit)))
    return empty !== undefined && empty !== full
  }
  let low = 0
  while (low < WORD_BITS && !(await isSeen(low, 0xffn))) low += 8
  if (low === WORD_BITS) return undefined
  let high = low
  while (high < WORD_BITS && (await isSeen(high, 0xffn))) high += 8
  // A flag may be in the same byte.
  const lowest = high - 7
  while (high > lowest && !(await isSeen(high - 1, 1n))) high--
  return { lowBit: BigInt(low), bits: BigInt(high - low) }
}

/** The greatest value of which the view says no more than `wanted`, by halves; what overflows says more. */
async function lastUpTo(wanted: bigint, most: bigint, says: Says): Promise<bigint> {
  let low = 0n
  let high = most
  while (low < high) {
    const middle = (low + high + 1n) >> 1n
    const reached = await says(middle)
    if (reached !== undefined && reached <= wanted) low = middle
    else high = middle - 1n
  }
  return low
}
