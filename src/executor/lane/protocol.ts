/** What the main thread and the lanes say to each other: one closed union each way. */

/** Signatures whose signers are wanted: per signature 32 bytes of digest, 32 of r, 32 of s, 1 of yParity. */
interface RecoverTask {
  readonly kind: 'recover'
  readonly signatures: Uint8Array
}
export type LaneTask = RecoverTask

/** Per signature 20 bytes of address, in order; zeros where no key made the signature. */
interface RecoverAnswer {
  readonly kind: 'recovered'
  readonly addresses: Uint8Array
}
export type LaneAnswer = RecoverAnswer

export const SIGNATURE_BYTES = 97
export const ADDRESS_BYTES = 20
