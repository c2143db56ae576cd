import type { Address } from '../primitives/hex.ts'
import type { Location } from '../state/location.ts'
import type { Recording } from './input.ts'
import type { Touches } from './touches.ts'

/** `owned`: transactions of one sender alone touched it. `shared`: of several, and some wrote. `constant`: of several, and none wrote. */
export type Ownership = 'owned' | 'shared' | 'constant'

/** By place of location. Deltas count as writes: an owner is who alone may go first. */
export function ownershipOf(senders: readonly Address[], touches: Touches): readonly Ownership[] {
  return touches.of.map((list) => {
    let owner: Address | undefined
    let isShared = false
    let isWritten = false
    for (const { tx, write } of list) {
      const sender = senders[tx]!
      owner ??= sender
      if (owner !== sender) isShared = true
      if (write !== 'none') isWritten = true
    }
    if (!isShared) return 'owned'
    return isWritten ? 'shared' : 'constant'
  })
}

/** A variable's locations by who owns them; a mapping is one variable. */
export interface VariableOwnership {
  readonly variable: string
  readonly owned: number
  readonly shared: number
  readonly constant: number
}

/** `variableOf` names the variable of a location; undefined leaves it out. In the order of their names. */
export function ownershipByVariable(
  recording: Recording,
  touches: Touches,
  variableOf: (location: Location) => string | undefined,
): readonly VariableOwnership[] {
  const senders = recording.transactions.map(({ sender }) => sender)
  const counts = new Map<string, Record<Ownership, number>>()
  for (const [place, ownership] of ownershipOf(senders, touches).entries()) {
    const variable = variableOf(touches.locations[place]!)
    if (variable === undefined) continue
    let count = counts.get(variable)
    if (count === undefined) counts.set(variable, (count = { owned: 0, shared: 0, constant: 0 }))
    count[ownership]++
  }
  return [...counts]
    .map(([variable, count]) => ({ variable, ...count }))
    .sort((a, b) => (a.variable < b.variable ? -1 : 1))
}
