// What is broken, one place at a time: pure functions over the text of a source.

/**
 * @typedef {object} Mutant
 * @property {string} name stays the same when lines before it come and go
 * @property {string} file
 * @property {string} text the whole broken file
 */

/** Lines that can be left out: checks, charges, and what is noted to be taken back or charged later. */
const removable = [
  /^\s*(?:else )?if \(.*\) return (?:fault|status|[A-Z][A-Z_]*)$/,
  /^\s*if \(status != 0\) (?:break|return status)$/,
  /^\s*setGas\(.*gas - .*\)$/,
  /^\s*g -= .*$/,
  /^\s*(?:if \(.*\) )?(?:else )?(?:cost|gas|price) \+= .*$/,
  /^\s*(?:if \(.*\) )?(?:raise|raiseSlot|warm|setNonce|setRefund|setStatic)\(.*\)$/,
  /^\s*note(?:Slot|Balance|Nonce|Code|Read|Volatile)\(.*\)$/,
  /^\s*(?:revertTo|revertLogs)\(.*\)$/,
  // The host's part.
  /^\s*(?:if \(.*\) )?(?:\w+\.)*fn\.(?:warm|warmSlot|credit|debit|setNonce|grantRefund)\(.*\)$/,
]

/** Comparisons whose edge can be moved by one. */
const edges = [
  [' < ', ' <= '],
  [' <= ', ' < '],
  [' > ', ' >= '],
  [' >= ', ' > '],
]

/** Lines about gas, the stack or a limit: there the edge of a comparison matters. */
const limits = /\b(?:g|gas|priceOf|cost|height|least|most|room|depth|size|length|rest|count)\b/i

/**
 * The mutants of one source.
 * @param {string} file path as shown
 * @param {string} source
 * @returns {Mutant[]}
 */
export function mutantsOf(file, source) {
  return file.endsWith('gas-table.ts') ? tableMutants(file, source) : lineMutants(file, source)
}

function lineMutants(file, source) {
  const lines = source.split('\n')
  const seen = new Map()
  const mutants = []
  const add = (what, index, line) => {
    const label = `${file}: ${what} ${lines[index].trim()}`
    const times = (seen.get(label) ?? 0) + 1
    seen.set(label, times)
    const name = times === 1 ? label : `${label} (${times})`
    mutants.push({ name, file, text: lines.with(index, line).join('\n') })
  }
  for (const [index, line] of lines.entries()) {
    if (/^\s*(?:\/\/|\/?\*|import\b|export \{)/.test(line)) continue
    // What is left of an `else` chain or of a lonely branch needs a statement in this place.
    if (removable.some((pattern) => pattern.test(line)))
      add('without', index, line.replace(/\S.*$/, ';'))
    const carry = line.replace(/ [+|-] u64\([^()]*(?:\([^()]*\))?[^()]*\)/, '')
    if (carry !== line) add('without carry in', index, carry)
    if (!/\bif \(|\breturn\b|\? /.test(line) || !limits.test(line)) continue
    for (const [from, to] of edges) {
      if (line.includes(from)) add(`${to.trim()} in`, index, line.replace(from, to))
    }
  }
  return mutants
}

/** Each price off by one, each number of stack items taken and left off by one. */
function tableMutants(file, source) {
  const entries = [...source.matchAll(/\[(\d[\d_]*), (\d+), (\d)\]/g)]
  return entries.flatMap((match) => {
    const line = source.slice(0, match.index).split('\n').length
    const [gas, takes, leaves] = match.slice(1).map((text) => Number(text.replaceAll('_', '')))
    const after = source.slice(match.index + match[0].length)
    const broken = [
      { what: 'gas', entry: [gas + 1, takes, leaves] },
      { what: 'items taken', entry: [gas, takes + 1, leaves + 1] },
      { what: 'room', entry: [gas, takes, leaves + 1] },
    ]
    if (gas > 0) broken.push({ what: 'less gas', entry: [gas - 1, takes, leaves] })
    if (takes > 0 && leaves > 0) {
      broken.push({ what: 'fewer items', entry: [gas, takes - 1, leaves - 1] })
    }
    return broken.map(({ what, entry }) => ({
      name: `${file}:${line}: ${what} ${match[0]} -> [${entry.join(', ')}]`,
      file,
      text: `${source.slice(0, match.index)}[${entry.join(', ')}]${after}`,
    }))
  })
}

/**
 * @param {readonly { verdict: string }[]} judged
 * @returns {{ killed: number, survived: number, other: number, percent: number | undefined }}
 */
export function scoreOf(judged) {
  const count = (verdict) => judged.filter((each) => each.verdict === verdict).length
  const killed = count('killed')
  const survived = count('survived')
  const percent = killed + survived === 0 ? undefined : (100 * killed) / (killed + survived)
  return { killed, survived, other: judged.length - killed - survived, percent }
}
