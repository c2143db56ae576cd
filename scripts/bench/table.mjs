// Plain text: numbers as people read them, and columns that line up.

/**
 * A number with three digits that matter, thousands grouped: 0.0712, 1.06, 258, 22,100.
 * @param {number} value finite
 * @returns {string}
 */
export function formatNumber(value) {
  const size = Math.abs(value)
  if (size >= 99.95) return groupThousands(Math.round(value))
  if (size >= 9.995) return value.toFixed(1)
  if (size >= 0.9995) return value.toFixed(2)
  if (size >= 0.0995) return value.toFixed(3)
  return value === 0 ? '0' : value.toPrecision(2)
}

/**
 * An integer with a comma every three digits.
 * @param {number} value
 * @returns {string}
 */
export function groupThousands(value) {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/**
 * A ratio as `12x` or `0.35x`; a dash when there is none.
 * @param {number | undefined} ratio
 * @returns {string}
 */
export function formatRatio(ratio) {
  if (ratio === undefined) return '-'
  if (ratio >= 9.95) return `${groupThousands(Math.round(ratio))}x`
  return ratio >= 0.995 ? `${ratio.toFixed(1)}x` : `${ratio.toPrecision(2)}x`
}

/**
 * Lines of a table: the first column to the left, the others to the right, a rule under the head.
 * A row of one cell is a heading that spans the table.
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows each of one cell, or as many as the head
 * @returns {string} lines joined by line feeds, without one at the end
 * @throws {Error} when a row has another number of cells
 */
export function formatTable(head, rows) {
  const full = rows.filter((row) => row.length !== 1)
  for (const row of full) {
    if (row.length !== head.length) {
      throw new Error(
        `a row of ${row.length} cells in a table of ${head.length}: ${row.join(' | ')}`,
      )
    }
  }
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...full.map((row) => row[column].length)),
  )
  const line = (cells) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]),
      )
      .join('  ')
      .trimEnd()
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2))
  return [line(head), rule, ...rows.map((row) => (row.length === 1 ? row[0] : line(row)))].join(
    '\n',
  )
}
