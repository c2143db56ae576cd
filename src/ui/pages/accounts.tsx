import { getBalance, getTransactionCount } from 'viem/actions'

import { ask, client } from '../net/client.ts'
import { useBook } from '../net/contracts.ts'
import { useLive } from '../net/live.ts'
import { useSigners } from '../net/signers.ts'
import { Sent } from '../address/contract-forms.tsx'
import '../address/address.css'
import { Action, Field } from '../parts/action.tsx'
import { formatCount, formatUnits } from '../parts/format.ts'
import { Address, Hex, Wei } from '../parts/hex.tsx'
import { Panel } from '../parts/panel.tsx'
import { quantity, readAddress, readEther } from '../parts/read-form.ts'
import { SignerSelect, readSigner } from '../parts/signer-select.tsx'
import { Answer, Empty } from '../parts/state.tsx'
import { type Column, Table } from '../parts/table.tsx'

interface Row {
  readonly address: string
  readonly label: string
  readonly balance: bigint
  readonly nonce: number
}

const MOST = 100

/** Who can send, the faucet, sending ether, and contracts by name. */
export default function AccountsPage() {
  const signers = useSigners()
  return (
    <>
      <h1>Accounts</h1>
      <Panel title="Accounts that can send" aside={formatCount(signers.length)}>
        <Signers />
      </Panel>
      <div className="columns">
        <Panel title="Send ether">
          <div className="actions">
            <Action
              label="Send"
              isPrimary
              run={async (form) => {
                const signer = readSigner(form, signers)
                const to = readAddress(form, 'to', 'To')
                const value = quantity(readEther(form, 'ether', 'Ether'))
                return <Sent hash={await signer.send({ to, value })} />
              }}
            >
              <SignerSelect signers={signers} />
              <Field label="To" name="to" placeholder="0x…" />
              <Field label="Ether" name="ether" value="1" />
            </Action>
          </div>
        </Panel>
        <Panel title="Faucet">
          <div className="actions">
            <Action
              label="Give ether"
              run={async (form) => {
                const to = readAddress(form, 'to', 'To')
                const wei = readEther(form, 'ether', 'Ether')
                await ask('anvil_addBalance', to, quantity(wei))
                return `${formatUnits(wei, 18)} ETH more`
              }}
            >
              <Field label="To" name="to" placeholder="0x…" />
              <Field label="Ether" name="ether" value="100" />
            </Action>
          </div>
        </Panel>
      </div>
      <Panel title="Contracts by name">
        <Contracts />
      </Panel>
    </>
  )
}

function Signers() {
  const signers = useSigners()
  const shown = signers.slice(0, MOST)
  const answer = useLive(['signers', shown.map(({ address }) => address)], () =>
    Promise.all(
      shown.map(async ({ address, label }): Promise<Row> => {
        const of = { address: address as `0x${string}` }
        const [balance, nonce] = await Promise.all([
          getBalance(client, of),
          getTransactionCount(client, of),
        ])
        return { address, label, balance, nonce }
      }),
    ),
  )
  return (
    <Answer query={answer} what="Accounts">
      {(rows) => (
        <Table
          caption="Accounts"
          columns={COLUMNS}
          rows={rows}
          keyOf={({ label, address }) => label + address}
        />
      )}
    </Answer>
  )
}

const COLUMNS: readonly Column<Row>[] = [
  { name: 'Signed by', cell: ({ label }) => label },
  {
    name: 'Address',
    cell: ({ address }) => <Hex value={address} href={`/address/${address}`} what="address" />,
  },
  { name: 'Balance', kind: 'number', cell: ({ balance }) => <Wei value={balance} digits={6} /> },
  { name: 'Nonce', kind: 'number', cell: ({ nonce }) => formatCount(nonce) },
]

interface Found {
  readonly contracts: readonly { readonly address: string; readonly name: string }[]
  readonly complete: boolean
}

function Contracts() {
  const answer = useLive(['contracts'], () => ask<Found>('heddle_findContracts', ''))
  const book = useBook((answer.data?.contracts ?? []).map(({ address }) => address))
  return (
    <Answer query={answer} what="Contracts">
      {({ contracts, complete }) =>
        contracts.length === 0 ? (
          <Empty title="None">
            Contracts have names when the folder where the node was started has their artefacts
            (out, artifacts).
          </Empty>
        ) : (
          <>
            <ul className="contract-list">
              {contracts.map(({ address, name }) => (
                <li key={address}>
                  <Address value={address} name={book.nameOf(address) ?? name} />{' '}
                  <code className="soft">{address}</code>
                </li>
              ))}
            </ul>
            {complete ? null : <p className="note">There are more; the search finds them.</p>}
          </>
        )
      }
    </Answer>
  )
}
