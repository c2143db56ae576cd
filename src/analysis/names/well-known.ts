import { bigIntToFixedBytes, bytesToBigInt } from '../../primitives/bytes.ts'
import { keccak256 } from '../../primitives/keccak.ts'
import type { Field } from './slot-names.ts'

/** Slots that standards fix, whatever a contract's layout. */

const text = (of: string): bigint => bytesToBigInt(keccak256(new TextEncoder().encode(of)))

/** ERC-7201: where the struct with this id begins: keccak256(keccak256(id) - 1) without its last byte. */
export function namespaceSlot(id: string): bigint {
  const inner = bigIntToFixedBytes(text(id) - 1n, 32)
  return bytesToBigInt(keccak256(inner)) & ~0xffn
}

const SLOTS: ReadonlyMap<bigint, readonly [name: string, type: string]> = new Map([
  ...(
    [
      ['eip1967.proxy.implementation', 'ERC1967.implementation', 'address'],
      ['eip1967.proxy.admin', 'ERC1967.admin', 'address'],
      ['eip1967.proxy.beacon', 'ERC1967.beacon', 'address'],
      ['eip1967.proxy.rollback', 'ERC1967.rollback', 'bool'],
    ] as const
  ).map(([id, name, type]): [bigint, [string, string]] => [text(id) - 1n, [name, type]]),
  [text('PROXIABLE'), ['ERC1822.implementation', 'address']],
  [text('org.zeppelinos.proxy.implementation'), ['ZeppelinOS.implementation', 'address']],
])

/** Namespaces of OpenZeppelin's upgradeable contracts, for those whose sources are not at hand. */
const NAMESPACES: readonly (readonly [slot: bigint, name: string])[] = [
  'Initializable',
  'Ownable',
  'ReentrancyGuard',
  'Pausable',
  'AccessControl',
  'ERC20',
  'ERC721',
  'ERC721Enumerable',
  'ERC1155',
  'Nonces',
  'EIP712',
].map((name) => [namespaceSlot(`openzeppelin.storage.${name}`), name])
const NAMESPACE_SLOTS = 16n

/** What a standard keeps in the slot; undefined when none does. */
export function wellKnownField(key: bigint): Field | undefined {
  const known = SLOTS.get(key)
  if (known !== undefined) return fieldOf(known[0], known[1])
  const found = NAMESPACES.find(([slot]) => key >= slot && key < slot + NAMESPACE_SLOTS)
  return found && fieldOf(`openzeppelin.storage.${found[1]}+${key - found[0]}`, 'bytes32')
}

function fieldOf(path: string, type: string): Field {
  return { path, variable: path, offset: 0, bytes: 32, type, role: 'value' }
}
