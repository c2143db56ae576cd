import { BOX, type DependencyLayout } from './dependency-layout.ts'

const MARGIN = 16

/** The graph as a picture of its own, in fixed colours: for a report or a slide. @param labelOf what a transaction is called */
export function dependencySvg(
  { placed, edges }: DependencyLayout,
  labelOf: (tx: number) => string,
): string {
  const at = new Map(placed.map((each) => [each.tx, each]))
  const width = Math.max(0, ...placed.map(({ x }) => x)) + BOX.width + 2 * MARGIN
  const height = Math.max(0, ...placed.map(({ y }) => y)) + BOX.height + 2 * MARGIN
  const lines = edges.map(({ from, to, names, isCritical }) => {
    const [a, b] = [at.get(from)!, at.get(to)!]
    const [x1, y1] = [a.x + BOX.width, a.y + BOX.height / 2]
    const [x2, y2] = [b.x, b.y + BOX.height / 2]
    const bend = BOX.gapX / 2
    const stroke = isCritical ? '#d55e00' : '#8a95a3'
    return (
      `<path d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}" fill="none" stroke="${stroke}"` +
      ` stroke-width="${isCritical ? 2.5 : 1}"><title>${escape(names.join(', '))}</title></path>`
    )
  })
  const boxes = placed.map(
    ({ tx, x, y, isCritical }) =>
      `<g><rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="5" fill="#ffffff"` +
      ` stroke="${isCritical ? '#d55e00' : '#8a95a3'}" stroke-width="${isCritical ? 2 : 1}"/>` +
      `<text x="${x + 8}" y="${y + 16}" font-size="11" fill="#55606e">${tx}</text>` +
      `<text x="${x + 8}" y="${y + 31}" font-size="12" fill="#171b22">${escape(cut(labelOf(tx)))}</text></g>`,
  )
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-MARGIN} ${-MARGIN} ${width} ${height}"` +
    ` width="${width}" height="${height}" font-family="sans-serif">${lines.join('')}${boxes.join('')}</svg>\n`
  )
}

const MOST_LETTERS = 22

function cut(text: string): string {
  return text.length <= MOST_LETTERS ? text : `${text.slice(0, MOST_LETTERS - 1)}…`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/** Names come from contracts, and may be anything. */
function escape(text: string): string {
  return text.replaceAll(/[&<>"]/g, (letter) => ENTITIES[letter]!)
}
