import type { DevChain } from '../../chain/dev-chain.ts'
import { EMPTY_ACCOUNT } from '../../model/account.ts'
import type { StatePort } from '../../rpc/backend.ts'
import type { BlockRef } from '../../rpc/block-ref.ts'
import { serverError } from '../../rpc/error.ts'
import { whenHere } from '../../state/absent.ts'
import { DistantVersion } from '../../state/distant.ts'
import type { StateView } from '../../state/view.ts'
import { accountProof } from '../../state/world.ts'
import { type Resolver, recordOf } from './resolve.ts'

/** The state as RPC reads it. */
export function statePort(dev: DevChain, resolver: Resolver): StatePort {
  const viewAt = async (ref: BlockRef): Promise<StateView | undefined> => {
    const resolved = await resolver.resolveState(ref)
    return resolved && resolver.viewOf(resolved)
  }
  return {
    async balance(address, ref) {
      const view = await viewAt(ref)
      return view && whenHere(() => view.account(address)?.balanceWei ?? 0n)
    },
    async nonce(address, ref) {
      if (ref.kind === 'tag' && ref.tag === 'pending') {
        const nonce = await whenHere(() => dev.view.account(address)?.nonce ?? 0n)
        return dev.pool.nextNonce(address, nonce)
      }
      const view = await viewAt(ref)
      return view && whenHere(() => view.account(address)?.nonce ?? 0n)
    },
    async code(address, ref) {
      const view = await viewAt(ref)
      return view && whenHere(() => view.code((view.account(address) ?? EMPTY_ACCOUNT).codeHash))
    },
    async slot(address, key, ref) {
      const view = await viewAt(ref)
      return view && whenHere(() => view.slot(address, key))
    },
    async proof(address, keys, ref) {
      const resolved = await resolver.resolve(ref)
      const version = resolved && recordOf(resolved).version
      if (version === undefined) return undefined
      if (version instanceof DistantVersion) {
        throw serverError(
          'proofs are not available on a fork: only part of its state is here; ask for the forked block or one before it',
        )
      }
      const { account, ...proof } = accountProof(version, address, keys)
      return { ...(account ?? EMPTY_ACCOUNT), ...proof }
    },
  }
}
