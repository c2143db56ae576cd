import { EMPTY_BYTES } from '../../../primitives/bytes.ts'
import type { Address } from '../../../primitives/hex.ts'
import { labelCall } from '../../labels.ts'
import type { ProfilerParts, RecordedSubject } from './subject.ts'

/** A transaction as people know it. */
export interface ShownCall {
  readonly tx: number
  readonly hash: string | undefined
  readonly from: string
  readonly label: string
  readonly gasUsed: number
  readonly failed: boolean
}

export function callsOf(
  recorded: RecordedSubject,
  { artefacts }: Pick<ProfilerParts, 'artefacts'>,
): readonly ShownCall[] {
  const { sent, recording } = recorded
  const codes = new Map<Address, Uint8Array>()
  const codeOf = (address: Address): Uint8Array => {
    const code = codes.get(address) ?? recorded.codeOf(address)
    codes.set(address, code)
    return code
  }
  return sent.map(({ hash, from, to, data, valueWei, failed }, tx) => {
    const code = to === null ? EMPTY_BYTES : codeOf(to)
    return {
      tx,
      hash,
      from,
      label: labelCall({ to, code, data, valueWei }, artefacts),
      gasUsed: recording.transactions[tx]!.gasUsed,
      failed,
    }
  })
}
