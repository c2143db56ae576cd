import { ask } from '../net/client.ts'
import { useBook } from '../net/contracts.ts'
import { useFixed } from '../net/live.ts'
import { formatCount, formatWei, shorten } from '../parts/format.ts'
import { Address } from '../parts/hex.tsx'
import { Panel } from '../parts/panel.tsx'
import { Answer, Empty } from '../parts/state.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { SolidityText } from '../parts/solidity-text.tsx'

interface Change<T> {
  readonly before: T
  readonly after: T
}

interface Diff {
  readonly accounts: readonly {
    readonly address: string
    readonly destroyed: boolean
    readonly balance?: Change<string>
    readonly nonce?: Change<number>
    readonly code?: Change<string>
    readonly storage: readonly (Change<string> & {
      readonly slot: string
      readonly label: string
      readonly fields: readonly (Change<string> & {
        readonly name: string
        readonly type: string
      })[]
    })[]
  }[]
}

interface Row extends Change<string> {
  readonly key: string
  readonly address: string
  readonly what: string
  readonly type: string
}

/** What a transaction changed, by Solidity variable. */
export function StateDiff({ hash }: { readonly hash: string }) {
  const answer = useFixed(['stateDiff', hash], () => ask<Diff>('heddle_getStateDiff', hash))
  return (
    <Panel title="State changes">
      <Answer query={answer} what="Running it again">
        {(diff) => <Rows rows={rowsOf(diff)} />}
      </Answer>
    </Panel>
  )
}

function Rows({ rows }: { readonly rows: readonly Row[] }) {
  const book = useBook(rows.map(({ address }) => address))
  if (rows.length === 0) return <Empty title="Nothing changed" />
  const columns: readonly Column<Row>[] = [
    {
      name: 'Account',
      cell: ({ address }) => <Address value={address} name={book.nameOf(address)} />,
    },
    {
      name: 'Variable',
      cell: ({ what, type }) => (
        <>
          <SolidityText text={what} /> <span className="soft type">{type}</span>
        </>
      ),
    },
    {
      name: 'Before',
      kind: 'number',
      cell: ({ before }) => <SolidityText text={before} />,
    },
    { name: 'After', kind: 'number', cell: ({ after }) => <SolidityText text={after} /> },
    { name: 'Difference', kind: 'number', cell: (row) => differenceOf(row) },
  ]
  return <Table caption="State changes" columns={columns} rows={rows} keyOf={({ key }) => key} />
}

function rowsOf({ accounts }: Diff): Row[] {
  return accounts.flatMap(({ address, balance, nonce, code, storage, destroyed }) => {
    const row = (what: string, type: string, before: string, after: string): Row => ({
      key: `${address} ${what}`,
      address,
      what,
      type,
      before,
      after,
    })
    return [
      ...(destroyed ? [row('account', '', 'there', 'destroyed')] : []),
      ...(balance === undefined
        ? []
        : [
            row(
              'balance',
              'wei',
              BigInt(balance.before).toString(),
              BigInt(balance.after).toString(),
            ),
          ]),
      ...(nonce === undefined ? [] : [row('nonce', '', `${nonce.before}`, `${nonce.after}`)]),
      ...(code === undefined ? [] : [row('code', '', sizeOf(code.before), sizeOf(code.after))]),
      ...storage.flatMap(({ slot, before, after, fields }) =>
        fields.length === 0
          ? [row(`slot ${shorten(slot, 6)}`, '', shorten(before, 6), shorten(after, 6))]
          : fields.map((field) => row(field.name, field.type, field.before, field.after)),
      ),
    ]
  })
}

function sizeOf(code: string): string {
  return code === '0x' ? 'none' : `${formatCount((code.length - 2) / 2)} bytes`
}

/** Of numbers only. */
function differenceOf({ before, after, type }: Row): string {
  if (!/^-?\d+$/.test(before) || !/^-?\d+$/.test(after) || type.startsWith('enum')) return ''
  const difference = BigInt(after) - BigInt(before)
  const sign = difference > 0n ? '+' : ''
  return sign + (type === 'wei' ? formatWei(difference, 9) : formatCount(difference))
}
