import type { ForkTarget } from '../../rpc/backend.ts'
import type { ForkInfo } from '../../rpc/node-info.ts'
import { type ForkConfig, ForkConfigError, type ForkSettings, forkSettings } from './fork-config.ts'
import { maskUrl } from './mask-url.ts'
import { type Fork, type ForkWishes, openFork } from './open-fork.ts'
import type { RemoteBlock } from './remote-block.ts'

/** A fork that is open, and what makes it the one that the node lies on. */
export interface PreparedFork {
  readonly fork: Fork
  readonly enter: () => Promise<void>
}

/** The remote chain that a node lies on: none, one, or another after a reset. */
export class Forking {
  readonly #wishes: ForkWishes
  #settings: ForkSettings | undefined
  #fork: Fork | undefined

  private constructor(wishes: ForkWishes) {
    this.#wishes = wishes
  }

  /** @throws {RemoteError | ForkConfigError} */
  static async open(config: ForkConfig | undefined, wishes: ForkWishes): Promise<Forking> {
    const forking = new Forking(wishes)
    if (config === undefined) return forking
    const settings = forkSettings(config)
    await forking.enter(await openFork(settings, wishes), settings)
    return forking
  }

  get fork(): Fork | undefined {
    return this.#fork
  }

  get block(): RemoteBlock | undefined {
    return this.#fork?.block
  }

  get transactionHash(): ForkSettings['transactionHash'] {
    return this.#settings?.transactionHash
  }

  info(): ForkInfo | undefined {
    const { block } = this
    return (
      block && {
        url: block.remote.urls.map(maskUrl).join(', '),
        chainId: block.chainId,
        blockNumber: block.number,
        blockHash: block.hash,
        retryBackoffMs: block.remote.backoffMs,
      }
    )
  }

  /** Another block or chain, which `enter` makes the one that is forked. @throws {RemoteError | ForkConfigError} */
  async prepare({ url, blockNumber }: ForkTarget): Promise<PreparedFork> {
    const before = this.#settings
    if (before === undefined && url === undefined) {
      throw new ForkConfigError('forking.jsonRpcUrl: expected a URL, since nothing is forked yet')
    }
    const own = url === undefined ? undefined : forkSettings({ url })
    const settings: ForkSettings = {
      ...(before ?? own!),
      // A remote of its own may be another chain.
      chainId: undefined,
      transactionHash: undefined,
      blockNumber: blockNumber ?? own?.blockNumber,
      remote: { ...(before ?? own!).remote, ...(own && { urls: own.remote.urls }) },
    }
    const fork = await openFork(settings, this.#wishes)
    return { fork, enter: () => this.enter(fork, settings) }
  }

  async enter(fork: Fork, settings: ForkSettings): Promise<void> {
    await this.leave()
    this.#fork = fork
    this.#settings = settings
  }

  /** What was fetched is written; nothing is asked any more. */
  async leave(): Promise<void> {
    const { block } = this
    this.#fork = undefined
    block?.remote.close()
    await block?.cache.flush()
  }

  /** @throws {ForkConfigError} */
  setUrl(url: string): void {
    const { block } = this
    if (block === undefined) throw new ForkConfigError('nothing is forked: anvil_reset forks')
    const { urls } = forkSettings({ url }).remote
    block.remote.setUrls(urls)
    if (this.#settings !== undefined) {
      this.#settings = { ...this.#settings, remote: { ...this.#settings.remote, urls } }
    }
  }
}
