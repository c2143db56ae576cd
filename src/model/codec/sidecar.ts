import type { RlpData, RlpItem } from '../../primitives/rlp.ts'
import type { BlobSidecar } from '../transaction.ts'
import { DecodeError, type FieldCodec, asBytes, fixedBytes, listOf } from './field.ts'

/** 4096 field elements of 32 bytes. */
export const BLOB_BYTES = 131_072
/** EIP-7594: the cells of a blob, each with a proof in a sidecar of version 1. */
export const CELLS_PER_BLOB = 128

const blobs: FieldCodec<readonly Uint8Array[]> = listOf(fixedBytes(BLOB_BYTES))
const points: FieldCodec<readonly Uint8Array[]> = listOf(fixedBytes(48))

/**
 * The sidecar of a blob transaction in its network form: [transaction, blobs, commitments, proofs] (EIP-4844)
 * or [transaction, 1, blobs, commitments, cell proofs] (EIP-7594).
 * @throws {DecodeError}
 */
export function decodeSidecar(wrapper: readonly RlpData[]): BlobSidecar {
  const version = sidecarVersion(wrapper)
  const [blobItems, commitmentItems, proofItems] = wrapper.slice(version === 0 ? 1 : 2)
  return {
    version,
    blobs: blobs.decode(blobItems!, 'transaction field `blobs`'),
    commitments: points.decode(commitmentItems!, 'transaction field `commitments`'),
    proofs: points.decode(
      proofItems!,
      `transaction field \`${version === 0 ? 'proofs' : 'cellProofs'}\``,
    ),
  }
}

function sidecarVersion(wrapper: readonly RlpData[]): 0 | 1 {
  if (wrapper.length === 4) return 0
  if (wrapper.length !== 5) {
    throw new DecodeError(
      `transaction: expected a blob wrapper of 4 or 5 items, got ${wrapper.length}`,
    )
  }
  const version = asBytes(wrapper[1]!, 'transaction field `wrapperVersion`')
  if (version.length === 1 && version[0] === 1) return 1
  throw new DecodeError('transaction field `wrapperVersion`: expected 1')
}

/** What follows the transaction in its network form. */
export function sidecarItems(sidecar: BlobSidecar): RlpItem[] {
  const items: RlpItem[] = [sidecar.blobs, sidecar.commitments, sidecar.proofs]
  if (sidecar.version === 1) items.unshift(Uint8Array.of(1))
  return items
}
