import { ask } from '../net/client.ts'
import { useLive } from '../net/live.ts'
import { Action } from '../parts/action.tsx'
import { formatCount } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { Answer } from '../parts/state.tsx'

interface Metadata {
  /** By the snapshot's number: the block, and its hash. */
  readonly snapshots?: Readonly<Record<string, readonly [block: number | string, hash: string]>>
}

/** States to go back to: all of the chain, the pool, the clock. */
export function Snapshots() {
  const answer = useLive(['snapshots'], () => ask<Metadata>('anvil_metadata'))
  return (
    <Panel title="Snapshots">
      <div className="control-list">
        <Action
          label="Take a snapshot"
          run={async () => `Snapshot ${Number(await ask<string>('evm_snapshot'))} taken`}
        />
        <Answer query={answer}>
          {({ snapshots = {} }) => (
            <ul className="snapshot-list" aria-label="Snapshots">
              {Object.entries(snapshots).map(([id, [block]]) => (
                <li key={id}>
                  <span>
                    Snapshot {Number(id)}{' '}
                    <span className="soft">at block {formatCount(BigInt(block))}</span>
                  </span>
                  <Action
                    label="Go back"
                    run={async () => {
                      const done = await ask<boolean>('evm_revert', id)
                      if (!done) throw new Error('the snapshot is gone')
                      return 'Back'
                    }}
                  />
                </li>
              ))}
            </ul>
          )}
        </Answer>
        <p className="hint">Going back to one uses it up, and those after it.</p>
      </div>
    </Panel>
  )
}
