import type { BlockEnv, SystemCall } from '../evm/engine.ts'
import { type Address, type Hash, slotOf } from '../primitives/hex.ts'
import { bytesToBigInt } from '../primitives/bytes.ts'
import { type ChangeSet, emptyChangeSet } from '../state/access.ts'
import type { StateView } from '../state/view.ts'

/** The protocol's own contracts, and what its call to one does where nobody has to run it: every block has four such calls, most do next to nothing. */

export const BEACON_ROOTS_ADDRESS = '0x000f3df6d732807ef1319fb7b8bb8522d0beac02' as Address
export const HISTORY_STORAGE_ADDRESS = '0x0000f90827f1c53a10cb7a02335b175320002935' as Address
export const WITHDRAWAL_REQUEST_ADDRESS = '0x00000961ef480eb55e80d19ad83579a64c007002' as Address
export const CONSOLIDATION_REQUEST_ADDRESS = '0x0000bbddc7ce488642fb579f8b00f3a590007251' as Address
/** EIP-8282 */
export const BUILDER_DEPOSIT_ADDRESS = '0x0000bff46984e3725691fa540a8c7589300d8282' as Address
export const BUILDER_EXIT_ADDRESS = '0x000064d678505ad48f8ccb093bc65613800e8282' as Address

export const SYSTEM_CONTRACTS: ReadonlySet<Address> = new Set([
  BEACON_ROOTS_ADDRESS,
  HISTORY_STORAGE_ADDRESS,
  WITHDRAWAL_REQUEST_ADDRESS,
  CONSOLIDATION_REQUEST_ADDRESS,
  BUILDER_DEPOSIT_ADDRESS,
  BUILDER_EXIT_ADDRESS,
])

/** Words in the rings of EIP-4788 and EIP-2935. */
const RING = 8191n

type Effect = (call: SystemCall, env: BlockEnv, view: StateView) => ChangeSet | undefined

/** By the hash of the code that the EIP gives. */
const EFFECTS: ReadonlyMap<string, Effect> = new Map([
  // EIP-4788: the time, and the root a ring further on.
  ['0xf57acd40259872606d76197ef052f3d35588dadf919ee1f0e3cb9b62d3f4b02c', beaconRoots],
  // EIP-2935
  ['0x6e49e66782037c0555897870e29fa5e552daf4719552131a0abce779daec0a5d', history],
  // EIP-7002, EIP-7251
  ['0x0345a365d2f4c5975b9f1599abe0a2ee76b7a3a731bc68781bd04c84e4858f50', requestQueue],
  ['0x78c6cb5202685228bbcbfb992b1c4e116c7ec5ef11e25b8e92716cfc628ddd60', requestQueue],
])

/**
 * What a call of the protocol changes, which then gives no output; undefined when it has to be run to know. Of contracts with the code of
 * their EIP, by that code alone: wherever the code stands it does the same.
 */
export function knownEffect(
  call: SystemCall,
  env: BlockEnv,
  view: StateView,
): ChangeSet | undefined {
  const codeHash: Hash | undefined = view.account(call.to)?.codeHash
  return codeHash === undefined ? undefined : EFFECTS.get(codeHash)?.(call, env, view)
}

function beaconRoots({ to, data }: SystemCall, { header }: BlockEnv): ChangeSet {
  const slot = header.timestamp % RING
  return writing(to, [
    [slot, header.timestamp],
    [slot + RING, bytesToBigInt(data)],
  ])
}

function history({ to, data }: SystemCall, { header }: BlockEnv): ChangeSet {
  return writing(to, [[(header.number - 1n) % RING, bytesToBigInt(data)]])
}

/** A queue in which nothing ever was has no storage, and is left like that. Far away nobody knows whether it has. */
function requestQueue({ to }: SystemCall, _env: BlockEnv, view: StateView): ChangeSet | undefined {
  return view.isPartial === true || view.hasStorage(to) ? undefined : emptyChangeSet()
}

function writing(to: Address, slots: readonly (readonly [bigint, bigint])[]): ChangeSet {
  const changes = emptyChangeSet()
  const words = new Map(slots.map(([key, value]) => [slotOf(key), value]))
  changes.accounts.set(to, { slots: words })
  return changes
}
