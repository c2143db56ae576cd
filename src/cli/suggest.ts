/** The known name that `name` probably stands for: at most a third of its letters wrong. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const plain = simplify(name)
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(plain.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(plain, simplify(candidate), bestDistance)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** `, did you mean "port"?` or nothing. */
export function suggestion(name: string, known: Iterable<string>): string {
  const found = nearest(name, known)
  return found === undefined ? '' : `, did you mean "${found}"?`
}

function simplify(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '')
}

/** Letters changed, added, left out, or swapped with the next; `limit` when it is that or more. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  const rows = [Array.from({ length: b.length + 1 }, (_, at) => at)]
  for (let i = 1; i <= a.length; i++) {
    const [above, row] = [rows[i - 1]!, [i]]
    for (let j = 1; j <= b.length; j++) {
      const change = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = isSwap ? rows[i - 2]![j - 2]! + 1 : limit
      row.push(Math.min(change, above[j]! + 1, row[j - 1]! + 1, swap))
    }
    rows.push(row)
  }
  return Math.min(rows[a.length]![b.length]!, limit)
}
