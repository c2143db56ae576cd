import type { ReactNode } from 'react'

/** A column of a table. */
export interface Column<Row> {
  readonly name: string
  readonly cell: (row: Row) => ReactNode
  /** Numbers are set at the end, so that digits stand below each other. */
  readonly kind?: 'text' | 'number'
  /** Left out where there is little room. */
  readonly wide?: boolean
}

/** A plain table, for up to some hundred rows. On a narrow screen it scrolls by itself. */
export function Table<Row>({
  caption,
  columns,
  rows,
  keyOf,
}: {
  /** For who hears it. */
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
}) {
  return (
    // A region that scrolls can be reached by keyboard.
    <div className="table-scroll" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption className="heard">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" {...marks(column)}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td key={column.name} {...marks(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function marks<Row>({ kind = 'text', wide = false }: Column<Row>) {
  return { 'data-kind': kind, ...(wide && { 'data-wide': '' }) }
}
