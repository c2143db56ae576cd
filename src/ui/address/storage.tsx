import { useState } from 'react'

import { ask } from '../net/client.ts'
import { useFixed, useHead } from '../net/live.ts'
import { formatCount, shorten } from '../parts/format.ts'
import { quantity } from '../parts/read-form.ts'
import { SolidityText } from '../parts/solidity-text.tsx'
import { Answer, Empty, Failure } from '../parts/state.tsx'
import { type Column, Table } from '../parts/table.tsx'

const PAGE = 200

interface StoragePage {
  readonly slots: readonly {
    readonly slot: string
    readonly value: string
    readonly label: string
    readonly fields: readonly {
      readonly name: string
      readonly type: string
      readonly value: string
    }[]
  }[]
  readonly next: string | null
}

interface Row {
  readonly key: string
  readonly slot: string
  readonly name: string
  readonly type: string
  readonly value: string
}

/** A contract's storage at any block, by variable. */
export function Storage({ address }: { readonly address: string }) {
  const head = useHead()
  const [block, setBlock] = useState('')
  const [start, setStart] = useState<string | undefined>(undefined)
  const wanted = block.replaceAll(/[,_ ]/g, '')
  const isWhole = /^\d*$/.test(wanted)
  const number = wanted === '' || !isWhole ? head?.number : BigInt(wanted)
  return (
    <>
      <div className="toolbar">
        <label className="field">
          <span>At block</span>
          <input
            value={block}
            onChange={(event) => {
              setBlock(event.target.value)
              setStart(undefined)
            }}
            inputMode="numeric"
            placeholder={head === undefined ? 'newest' : `newest, ${formatCount(head.number)}`}
          />
        </label>
      </div>
      {!isWhole ? (
        <Failure error={new Error(`At block: expected a number, got ${block.slice(0, 40)}`)} />
      ) : number === undefined ? null : (
        <Slots address={address} number={number} start={start} turn={setStart} />
      )}
    </>
  )
}

function Slots({
  address,
  number,
  start,
  turn,
}: {
  readonly address: string
  readonly number: bigint
  readonly start: string | undefined
  readonly turn: (start: string | undefined) => void
}) {
  const answer = useFixed(['storage', address, number.toString(), start], () =>
    ask<StoragePage>('heddle_getStorage', address, quantity(number), {
      limit: PAGE,
      ...(start !== undefined && { start }),
    }),
  )
  return (
    <Answer query={answer} what="Storage">
      {({ slots, next }) => {
        if (slots.length === 0) {
          return <Empty title="No storage">{`Every slot is zero after block ${number}.`}</Empty>
        }
        return (
          <>
            <Table
              caption="Storage"
              columns={COLUMNS}
              rows={rowsOf(slots)}
              keyOf={({ key }) => key}
            />
            <p className="more">
              {start === undefined ? null : (
                <button type="button" onClick={() => turn(undefined)}>
                  First
                </button>
              )}
              {next === null ? null : (
                <button type="button" onClick={() => turn(next)}>
                  More
                </button>
              )}
            </p>
          </>
        )
      }}
    </Answer>
  )
}

/** Variables by name first; slots that no layout has come last. */
function rowsOf(slots: StoragePage['slots']): Row[] {
  const named = slots.flatMap(({ slot, fields }) =>
    fields.map((field) => ({ ...field, slot, key: `${slot} ${field.name}` })),
  )
  const bare = slots
    .filter(({ fields }) => fields.length === 0)
    .map(({ slot, value, label }) => ({ key: slot, slot, name: label, type: '', value }))
  return [...named.toSorted((a, b) => (a.name < b.name ? -1 : 1)), ...bare]
}

const COLUMNS: readonly Column<Row>[] = [
  { name: 'Variable', cell: ({ name }) => <SolidityText text={name} /> },
  { name: 'Type', cell: ({ type }) => <span className="soft">{type}</span> },
  { name: 'Value', cell: ({ value }) => <SolidityText text={value} /> },
  {
    name: 'Slot',
    wide: true,
    cell: ({ slot }) => (
      <code className="soft" title={slot}>
        {/^0x0{56}/.test(slot) ? BigInt(slot).toString() : shorten(slot, 6)}
      </code>
    ),
  },
]
