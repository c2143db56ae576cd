import { ask } from '../net/client.ts'
import { useLive } from '../net/live.ts'
import { Action, Field } from '../parts/action.tsx'
import { Panel } from '../parts/panel.tsx'
import { quantity, readWhole } from '../parts/read-form.ts'
import { Answer } from '../parts/state.tsx'
import { Tag } from '../parts/tag.tsx'

/** How blocks come about, and making them. */
export function Mining() {
  const answer = useLive(['mining'], async () => {
    const [isAuto, seconds] = await Promise.all([
      ask<boolean>('anvil_getAutomine'),
      ask<number | null>('anvil_getIntervalMining'),
    ])
    if (isAuto) return 'a block for each transaction'
    return seconds === null || seconds === 0 ? 'on demand only' : `every ${seconds} s`
  })
  return (
    <Panel
      title="Mining"
      aside={<Answer query={answer}>{(mode) => <Tag kind="good">{mode}</Tag>}</Answer>}
    >
      <div className="control-list">
        <Action
          label="Mine"
          isPrimary
          run={async (form) => {
            const blocks = readWhole(form, 'blocks', 'Blocks')
            const seconds = readWhole(form, 'interval', 'Seconds apart')
            await ask('anvil_mine', quantity(blocks), quantity(seconds))
            return `${blocks} mined`
          }}
        >
          <Field label="Blocks" name="blocks" value="1" />
          <Field label="Seconds apart" name="interval" value="1" />
        </Action>
        <div className="control-row">
          <Action
            label="For each transaction"
            run={async () => {
              await ask('evm_setAutomine', true)
              return 'Blocks come with transactions'
            }}
          />
          <Action
            label="On demand"
            run={async () => {
              await ask('evm_setAutomine', false)
              await ask('evm_setIntervalMining', 0)
              return 'Blocks come when asked for'
            }}
          />
        </div>
        <Action
          label="At intervals"
          run={async (form) => {
            const seconds = Number(readWhole(form, 'seconds', 'Seconds'))
            await ask('evm_setIntervalMining', seconds)
            return seconds === 0 ? 'No intervals' : `A block every ${seconds} s`
          }}
        >
          <Field label="Seconds" name="seconds" value="2" />
        </Action>
      </div>
    </Panel>
  )
}
