/// <reference lib="esnext.disposable" preserve="true" />
import type { DevAccount, NodeConfig, ServerConfig } from './config.ts'
import type { ForkInfo } from '../rpc/node-info.ts'
import type { NodeListener } from './events.ts'

/** A running node. `await using` closes it. */
export interface HeddleNode extends AsyncDisposable {
  readonly config: NodeConfig
  readonly accounts: readonly DevAccount[]
  /** EIP-1193. @throws an error with `code`, `message` and `data` as the wire has them. */
  request(args: { readonly method: string; readonly params?: unknown }): Promise<unknown>
  /** Subscriptions of in-process clients: `message` events as EIP-1193 has them. */
  on(event: 'message', listener: (message: unknown) => void): void
  removeListener(event: 'message', listener: (message: unknown) => void): void
  /** @param hears `notices`: only warnings and errors, for which nothing has to be collected */
  listen(listener: NodeListener, hears?: 'everything' | 'notices'): () => void
  /**
   * Opens HTTP and WebSocket on one port (0: any free one).
   * @param server what differs from the defaults: 127.0.0.1:8545, and no limits lifted
   */
  serve(server?: Partial<ServerConfig>): Promise<{ readonly host: string; readonly port: number }>
  /** What it runs on and where state is kept, for the banner. */
  describe(): {
    readonly storage: string
    /** The hardfork of the newest block. */
    readonly rules: string
    /** Whose timing blocks have, and by whose rules gas is counted: where consensus makes them. */
    readonly timing?: string | undefined
    readonly engine: string
    readonly executor: string
    readonly signatures: string
    readonly artefacts: string
    /** The remote chain that it lies on, if it does; `offline` is why it started from what was kept of it. */
    readonly fork?: (ForkInfo & { readonly offline: string | undefined }) | undefined
  }
  close(): Promise<void>
}
