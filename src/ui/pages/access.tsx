import { type FormEvent, useState } from 'react'
import { getTransaction } from 'viem/actions'

import type { BlockAccessList } from '../../client/block-answers.ts'
import { ask, client } from '../net/client.ts'
import { useBook } from '../net/contracts.ts'
import { useFixed } from '../net/live.ts'
import { LocationName } from '../parallel/location-name.tsx'
import { save } from '../parallel/export.ts'
import { CopyButton } from '../parts/copy.tsx'
import { Figure, Figures } from '../parts/figure.tsx'
import { formatCount } from '../parts/format.ts'
import { Address, Hex } from '../parts/hex.tsx'
import { Panel } from '../parts/panel.tsx'
import { Answer, Empty } from '../parts/state.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { navigate } from '../router.tsx'
import type { PageProps } from '../routes.ts'
import '../parallel/parallel.css'

type AccessList = readonly { readonly address: string; readonly storageKeys: readonly string[] }[]

interface Entry {
  readonly name: string
  readonly address: string
  readonly slot: string | null
}

/** What `parallel_checkAccessList` answers. */
interface Check {
  readonly transaction: { readonly label: string }
  readonly declared: AccessList
  readonly superfluous: readonly (Entry & { readonly costs: number; readonly why: string })[]
  readonly missing: readonly Entry[]
  readonly undeclared: number
  readonly used: AccessList
  readonly cheapest: AccessList
  /** Null where the transaction cannot run with that list. */
  readonly gas: Readonly<Record<'none' | 'declared' | 'best', number | null>>
  readonly stability: readonly (Entry & {
    readonly in: string
    readonly notIn: string
    readonly why: string
  })[]
}

/** A transaction's access list as it was declared, as it was used, and as it would be cheapest; and the list of its block. */
export default function AccessPage({ parts: { transaction } }: PageProps) {
  return (
    <>
      <div className="page-head">
        <h1>Access lists</h1>
        <HashForm key={transaction} hash={transaction ?? ''} />
      </div>
      {transaction === undefined ? (
        <Empty title="Which transaction?">
          Its list is shown as declared, as used and as it would be cheapest, each run to measure
          its gas.
        </Empty>
      ) : (
        <Checked hash={transaction} />
      )}
    </>
  )
}

function HashForm({ hash }: { readonly hash: string }) {
  const [text, setText] = useState(hash)
  const isHash = /^0x[0-9a-f]{64}$/i.test(text.trim())
  const open = (event: FormEvent): void => {
    event.preventDefault()
    if (isHash) navigate(`/access/${text.trim()}`)
  }
  return (
    <form className="window-picker" onSubmit={open} aria-label="Transaction">
      <input
        aria-label="Transaction hash"
        className="mono"
        size={34}
        placeholder="0x…"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <button type="submit" disabled={!isHash}>
        Look
      </button>
    </form>
  )
}

function Checked({ hash }: { readonly hash: string }) {
  const query = useFixed(['access', hash], async () => {
    const check = (await client.checkAccessList(hash)) as unknown as Check
    const { blockNumber } = await getTransaction(client, { hash: hash as `0x${string}` })
    return { check, block: blockNumber }
  })
  return (
    <Answer query={query} what="Running it with each list">
      {({ check, block }) => (
        <>
          <p className="subject">
            <span>{check.transaction.label}</span>
            <Hex value={hash} href={`/tx/${hash}`} what="transaction hash" />
          </p>
          <GasFigures check={check} />
          <div className="columns">
            <Superfluous check={check} />
            <Missing check={check} />
          </div>
          <div className="columns">
            <ListPanel title="Cheapest" list={check.cheapest} none="The cheapest list is none." />
            <ListPanel title="Declared" list={check.declared} none="No list was declared." />
            <ListPanel title="Used" list={check.used} none="Nothing that a list would hold." />
          </div>
          <Stability check={check} />
          {block === null ? null : <BlockList block={block} />}
        </>
      )}
    </Answer>
  )
}

function GasFigures({ check: { gas, declared, cheapest } }: { readonly check: Check }) {
  const text = (amount: number | null): string =>
    amount === null ? 'cannot run' : formatCount(amount)
  const saved = (gas.declared ?? 0) - (gas.best ?? 0)
  return (
    <Figures>
      <Figure name="Gas without a list" origin="measured">
        {text(gas.none)}
      </Figure>
      <Figure name={`As declared (${entriesOf(declared)})`} origin="measured">
        {text(gas.declared)}
      </Figure>
      <Figure name={`The cheapest (${entriesOf(cheapest)})`} origin="measured">
        {text(gas.best)}
      </Figure>
      <Figure name="To be saved" origin="measured">
        {saved === 0 ? 'nothing' : formatCount(saved)}
      </Figure>
    </Figures>
  )
}

function entriesOf(list: AccessList): string {
  const count = list.reduce((sum, { storageKeys }) => sum + 1 + storageKeys.length, 0)
  return count === 1 ? '1 entry' : `${count} entries`
}

type Wrong = Check['superfluous'][number]

const SUPERFLUOUS: readonly Column<Wrong>[] = [
  { name: 'Entry', cell: ({ name }) => <LocationName name={name} /> },
  { name: 'Costs', kind: 'number', cell: ({ costs }) => formatCount(costs) },
  { name: 'Why', cell: ({ why }) => why },
]

function Superfluous({ check: { superfluous } }: { readonly check: Check }) {
  return (
    <Panel title="Superfluous" aside={`${superfluous.length}`}>
      {superfluous.length === 0 ? (
        <p className="graph-note">All that was declared is used, and was cold.</p>
      ) : (
        <Table
          caption="Declared entries that only cost"
          columns={SUPERFLUOUS}
          rows={superfluous}
          keyOf={({ address, slot, why }) => `${address} ${slot} ${why}`}
        />
      )}
    </Panel>
  )
}

const ENTRIES: readonly Column<Entry>[] = [
  { name: 'Entry', cell: ({ name }) => <LocationName name={name} /> },
  { name: 'Account', cell: ({ address }) => <Address value={address} /> },
]

function Missing({ check: { missing, undeclared } }: { readonly check: Check }) {
  return (
    <Panel title="Missing" aside={`${missing.length}`}>
      {missing.length === 0 ? (
        <p className="graph-note">
          Nothing that would make it cheaper.
          {undeclared > 0
            ? ` ${undeclared} more entries are used, but cost more in a list than they save.`
            : ''}
        </p>
      ) : (
        <Table
          caption="Entries that would make it cheaper"
          columns={ENTRIES}
          rows={missing}
          keyOf={({ address, slot }) => `${address} ${slot}`}
        />
      )}
    </Panel>
  )
}

function ListPanel({
  title,
  list,
  none,
}: {
  readonly title: string
  readonly list: AccessList
  readonly none: string
}) {
  const book = useBook(list.map(({ address }) => address))
  return (
    <Panel
      title={title}
      aside={
        list.length === 0 ? undefined : (
          <>
            EIP-2930{' '}
            <CopyButton
              text={JSON.stringify(list, undefined, 2)}
              what={`${title} list as EIP-2930 JSON`}
            />
          </>
        )
      }
    >
      {list.length === 0 ? (
        <p className="graph-note">{none}</p>
      ) : (
        <ul className="access-list">
          {list.map(({ address, storageKeys }) => (
            <li key={address}>
              <Address value={address} name={book.nameOf(address)} />
              <ul>
                {storageKeys.map((key) => (
                  <li key={key}>
                    <Hex value={key} what="slot" />
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

type Change = Check['stability'][number]

const CHANGES: readonly Column<Change>[] = [
  { name: 'Entry', cell: ({ name }) => <LocationName name={name} /> },
  { name: 'Used in', cell: (change) => change.in },
  { name: 'not in', cell: ({ notIn }) => notIn },
  { name: 'Why', cell: ({ why }) => why },
]

function Stability({ check: { stability } }: { readonly check: Check }) {
  return (
    <Panel title="Stability">
      {stability.length === 0 ? (
        <p className="graph-note">
          It uses the same entries at other places of its block, on earlier states and an hour
          later.
        </p>
      ) : (
        <Table
          caption="Entries that come and go"
          columns={CHANGES}
          rows={stability}
          keyOf={(change) => JSON.stringify(change)}
        />
      )}
    </Panel>
  )
}

type Account = BlockAccessList[number]

const ACCOUNT_COUNTS: readonly Column<Account>[] = [
  { name: 'Slots written', kind: 'number', cell: (each) => countOf(each.storageChanges) },
  { name: 'Slots only read', kind: 'number', cell: (each) => countOf(each.storageReads) },
  { name: 'Balances', kind: 'number', cell: (each) => countOf(each.balanceChanges) },
  { name: 'Nonces', kind: 'number', cell: (each) => countOf(each.nonceChanges) },
  { name: 'Codes', kind: 'number', cell: (each) => countOf(each.codeChanges) },
]

function countOf(list: readonly unknown[] | undefined): string {
  return list === undefined || list.length === 0 ? '' : formatCount(list.length)
}

const ACCOUNTS_SHOWN = 200

function BlockList({ block }: { readonly block: bigint }) {
  const query = useFixed(['block access list', block.toString()], () =>
    ask<BlockAccessList>('eth_getBlockAccessList', `0x${block.toString(16)}`),
  )
  return (
    <Panel
      title={`The list of block ${block}`}
      aside={
        query.data === undefined ? (
          'EIP-7928'
        ) : (
          <>
            EIP-7928
            <button
              type="button"
              onClick={() =>
                save(`block-${block}-access-list.json`, JSON.stringify(query.data, undefined, 2))
              }
            >
              Save as JSON
            </button>
          </>
        )
      }
    >
      <Answer query={query} what="Running the block once more">
        {(list) => (
          <>
            <BlockAccounts accounts={list.slice(0, ACCOUNTS_SHOWN)} />
            {list.length > ACCOUNTS_SHOWN ? (
              <p className="graph-note">
                The first {ACCOUNTS_SHOWN} of {formatCount(list.length)}; all are in the JSON.
              </p>
            ) : null}
          </>
        )}
      </Answer>
    </Panel>
  )
}

function BlockAccounts({ accounts }: { readonly accounts: readonly Account[] }) {
  const book = useBook(accounts.map(({ address }) => address))
  const account: Column<Account> = {
    name: 'Account',
    cell: ({ address }) => <Address value={address} name={book.nameOf(address)} />,
  }
  return (
    <Table
      caption="Accounts of the block's access list"
      columns={[account, ...ACCOUNT_COUNTS]}
      rows={accounts}
      keyOf={({ address }) => address}
    />
  )
}
