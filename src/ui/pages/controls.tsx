import { ask } from '../net/client.ts'
import { useLive } from '../net/live.ts'
import { Mining } from '../controls/mining.tsx'
import '../controls/controls.css'
import { Snapshots } from '../controls/snapshots.tsx'
import { Action, Field } from '../parts/action.tsx'
import { formatTime } from '../parts/format.ts'
import { Address } from '../parts/hex.tsx'
import { Panel } from '../parts/panel.tsx'
import { quantity, readAddress, readText, readWhole } from '../parts/read-form.ts'
import { Answer } from '../parts/state.tsx'

/** What only a chain of one's own can do. */
export default function ControlsPage() {
  return (
    <>
      <h1>Controls</h1>
      <div className="columns">
        <Mining />
        <Time />
        <Snapshots />
        <Impersonation />
        <NextBlock />
        <State />
      </div>
    </>
  )
}

function Time() {
  const answer = useLive(['pendingTime'], () =>
    ask<{ readonly timestamp: string }>('eth_getBlockByNumber', 'pending', false),
  )
  return (
    <Panel title="Time">
      <p className="note">
        A block made now would be of{' '}
        <Answer query={answer}>{({ timestamp }) => formatTime(BigInt(timestamp))}</Answer>
      </p>
      <div className="control-list">
        <Action
          label="Go ahead and mine"
          run={async (form) => {
            const seconds = readWhole(form, 'seconds', 'Seconds')
            await ask('evm_increaseTime', quantity(seconds))
            await ask('evm_mine')
            return `${seconds} s ahead`
          }}
        >
          <Field label="Seconds" name="seconds" value="3600" />
        </Action>
        <Action
          label="Set and mine"
          run={async (form) => {
            const text = readText(form, 'time', 'Time')
            const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text)
            if (Number.isNaN(ms)) {
              throw new Error(
                `Time: expected seconds since 1970, or a date such as 2030-01-01, got ${text}`,
              )
            }
            const seconds = BigInt(Math.floor(ms / 1000))
            await ask('evm_setNextBlockTimestamp', quantity(seconds))
            await ask('evm_mine')
            return formatTime(seconds)
          }}
        >
          <Field label="Time" name="time" placeholder="2030-01-01" />
        </Action>
      </div>
    </Panel>
  )
}

function Impersonation() {
  return (
    <Panel title="Impersonation">
      <div className="control-list">
        <Action
          label="Impersonate"
          run={async (form) => {
            const address = readAddress(form, 'address', 'Address')
            await ask('anvil_impersonateAccount', address)
            return (
              <>
                The node sends from <Address value={address} />
              </>
            )
          }}
        >
          <Field label="Address" name="address" placeholder="0x…" />
        </Action>
        <Action
          label="Stop"
          run={async (form) => {
            await ask('anvil_stopImpersonatingAccount', readAddress(form, 'address', 'Address'))
            return 'Stopped'
          }}
        >
          <Field label="Address" name="address" placeholder="0x…" />
        </Action>
        <div className="control-row">
          <Action
            label="Impersonate everybody"
            run={async () => {
              await ask('anvil_autoImpersonateAccount', true)
              return 'Any address can send'
            }}
          />
          <Action
            label="Nobody"
            run={async () => {
              await ask('anvil_autoImpersonateAccount', false)
              return 'Only accounts with keys, and those named'
            }}
          />
        </div>
      </div>
    </Panel>
  )
}

function NextBlock() {
  return (
    <Panel title="Next block">
      <div className="control-list">
        <Action
          label="Set base fee"
          run={async (form) => {
            const wei = readWhole(form, 'wei', 'Wei')
            await ask('anvil_setNextBlockBaseFeePerGas', quantity(wei))
            return `${wei} wei in the next block`
          }}
        >
          <Field label="Wei" name="wei" value="1000000000" />
        </Action>
        <Action
          label="Set gas limit"
          run={async (form) => {
            const gas = readWhole(form, 'gas', 'Gas')
            await ask('evm_setBlockGasLimit', quantity(gas))
            return 'From the next block on'
          }}
        >
          <Field label="Gas" name="gas" value="30000000" />
        </Action>
      </div>
    </Panel>
  )
}

function State() {
  return (
    <Panel title="State">
      <div className="control-list">
        <Action
          label="Set slot"
          run={async (form) => {
            const address = readAddress(form, 'address', 'Account')
            const slot = readWhole(form, 'slot', 'Slot')
            const value = readWhole(form, 'value', 'Value')
            const word = `0x${value.toString(16).padStart(64, '0')}`
            await ask('anvil_setStorageAt', address, quantity(slot), word)
            return 'Set'
          }}
        >
          <Field label="Account" name="address" placeholder="0x…" />
          <Field label="Slot" name="slot" value="0" />
          <Field label="Value" name="value" value="0" />
        </Action>
        <Action
          label="Take blocks back"
          run={async (form) => {
            const blocks = readWhole(form, 'blocks', 'Blocks')
            await ask('anvil_rollback', Number(blocks))
            return `${blocks} fewer`
          }}
        >
          <Field label="Blocks" name="blocks" value="1" />
        </Action>
      </div>
    </Panel>
  )
}
