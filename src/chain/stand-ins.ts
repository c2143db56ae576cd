import type { Recording } from '../analysis/input.ts'
import { Preimages } from '../analysis/names/preimages.ts'
import { rekey } from '../analysis/names/rekey.ts'
import { type Address, hexToBytes, parseAddress, slotOf } from '../primitives/hex.ts'
import { type AccountWrites, emptyChangeSet } from '../state/access.ts'
import type { Overlay } from '../state/overlay.ts'
import type { Step } from './observe-run.ts'

/** The n-th address that nobody has the key of. */
function standIn(n: number): Address {
  return parseAddress(`0xca11${(n + 1).toString(16).padStart(36, '0')}`)
}

/**
 * Senders who stand in for the recorded one, each for one transaction: they have its balance, and in every mapping that the transaction
 * read they have what it has, so that the transaction does for them what it did for it.
 */
export class StandIns {
  readonly #recording: Recording
  readonly #preimages: Preimages = new Preimages()

  constructor(recording: Recording, hashed: readonly Uint8Array[]) {
    this.#recording = recording
    for (const input of hashed) this.#preimages.add(input)
  }

  /**
   * @param index of the transaction in the recording; undefined for one that was never recorded: only the balance is taken over
   * @param number of the stand-in
   */
  spread(step: Step, index: number | undefined, number: number): Step {
    const by = standIn(number)
    return {
      ...step,
      txOn: (view) => {
        const { sender, ...tx } = step.txOn(view)
        this.#endow(view, index, sender, by)
        return { ...tx, sender: by, nonce: 0n, data: replaceAddress(tx.data, sender, by) }
      },
    }
  }

  #endow(view: Overlay, index: number | undefined, from: Address, to: Address): void {
    const changes = emptyChangeSet()
    const recorded = index === undefined ? undefined : this.#recording.transactions[index]
    for (const [address, { slots }] of recorded?.access.reads ?? []) {
      const copied: NonNullable<AccountWrites['slots']> = new Map()
      for (const [key, value] of slots ?? []) {
        const slot = BigInt(key)
        const other = rekey(this.#preimages, slot, from, to)
        if (other !== slot) copied.set(slotOf(other), value)
      }
      if (copied.size > 0) changes.accounts.set(address, { slots: copied })
    }
    const balanceWei = view.account(from)?.balanceWei ?? 0n
    if (view.account(to) === undefined) changes.accounts.set(to, { life: 'created', balanceWei })
    view.apply(changes)
  }
}

function replaceAddress(data: Uint8Array, from: Address, to: Address): Uint8Array {
  const wanted = Buffer.from(hexToBytes(from))
  const replaced = Buffer.from(data)
  const other = hexToBytes(to)
  for (let at = replaced.indexOf(wanted); at >= 0; at = replaced.indexOf(wanted, at + 20)) {
    replaced.set(other, at)
  }
  return new Uint8Array(replaced)
}
