// What is broken, one place at a time: pure functions over the text of a source.

/**
 * @typedef {object} Mutant
 * @property {string} name stays the same when lines before it come and go
 * @property {string} file
 * @property {string} text the whole broken file
 * @property {string} [fork] the first that is another
 */

/** Lines that can be left out: checks, charges, and what is noted to be taken back or charged later. */
const removable = [
  /^\s*(?:else )?if \(.*\) return (?:fault|status|[A-Z][A-Z_]*|end\(.*\))$/,
  /^\s*if \(status != 0\) (?:break|return status)$/,
  /^\s*setGas\(.*gas - .*\)$/,
  /^\s*g -= .*$/,
  /^\s*(?:if \(.*\) )?(?:else )?(?:cost|gas|price) \+?= .*$/,
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

/** Lines about gas, the stack, a limit or a fork: there the edge of a comparison matters. */
const limits =
  /\b(?:g|gas|priceOf|cost|height|least|most|room|depth|size|length|rest|count|fork|end|current|offset|index)\b/i

/** Lines, and functions by their name, whose numbers are amounts of gas, or of what gas is paid for. */
const amounts = {
  line: /\b(?:cost|gas|price|given|spent|refund|cleared|full)\b|(?:Gas|Refund)\b|(?:_GAS|_REFUND|STIPEND)\b|\bpay\(/,
  within: /^(?:.*Gas|wordsOf|pay)$/,
}

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
  let within = ''
  for (const [index, line] of lines.entries()) {
    if (/^\s*(?:\/\/|\/?\*|import\b|export \{)/.test(line)) continue
    within = line.match(/^(?:export )?function (\w+)/)?.[1] ?? (line.startsWith('}') ? '' : within)
    if (amounts.line.test(line) || amounts.within.test(within)) {
      for (const { number, other, text } of amountMutants(line)) {
        add(`${other} for ${number} in`, index, text)
      }
    }
    // What is left of an `else` chain or of a lonely branch needs a statement in this place.
    if (removable.some((pattern) => pattern.test(line)))
      add(
        'without',
        index,
        line.replace(/\S.*$/, startsElse(lines[index + 1]) ? 'if (false) {}' : ';'),
      )
    const carry = line.replace(/ [+|-] u64\([^()]*(?:\([^()]*\))?[^()]*\)/, '')
    if (carry !== line) add('without carry in', index, carry)
    if (!/\bif \(|\breturn\b|\? | && | \|\| /.test(line) || !limits.test(line)) continue
    for (const [from, to] of edges) {
      if (line.includes(from)) add(`${to.trim()} in`, index, line.replace(from, to))
    }
  }
  return mutants
}

/** Each number but 0 off by one, to either side. */
function amountMutants(line) {
  const code = line.replace(/ \/\/.*$/, '')
  if (/['"`].*\d.*['"`]|\b(?:SAVED|GIVEN)_GAS\b/.test(code)) return []
  // Not what belongs to a name or is an index into memory.
  const numbers = [...code.matchAll(/(?<!>>> |[\w.])(?!0x)(\d[\d_]*)(n?)(?![\w.])/g)]
  return numbers.flatMap(({ 0: number, 1: digits, 2: suffix, index }) => {
    const value = BigInt(digits.replaceAll('_', ''))
    if (value === 0n) return []
    return [value + 1n, value - 1n].map((changed) => {
      const other = `${changed}${suffix}`
      const text = line.slice(0, index) + other + line.slice(index + number.length)
      return { number, other, text }
    })
  })
}

function startsElse(line = '') {
  return /^\s*else\b/.test(line)
}

/** Each price off by one, each number of stack items taken and left off by one. */
function tableMutants(file, source) {
  const entries = [...source.matchAll(/(?<=[:,] )\[(?!0x)([^[\],]+), ([^[\],]+), ([^[\],]+)\]/g)]
  const seen = new Map()
  return entries.flatMap((match) => {
    const start = source.lastIndexOf('\n', match.index) + 1
    const line = source.slice(start, source.indexOf('\n', match.index)).trim()
    const times = (seen.get(line) ?? 0) + 1
    seen.set(line, times)
    const [gas, takes, leaves] = match.slice(1)
    const fork =
      [...source.slice(0, match.index).matchAll(/^  (\w+): \{/gm)].at(-1)?.[1] ?? 'frontier'
    const after = source.slice(match.index + match[0].length)
    const broken = [
      { what: 'more gas', entry: `${gas} + 1, ${takes}, ${leaves}` },
      { what: 'another item', entry: `${gas}, ${takes} + 1, ${leaves} + 1` },
      { what: 'more room', entry: `${gas}, ${takes}, ${leaves} + 1` },
    ]
    if (gas !== '0') broken.push({ what: 'less gas', entry: `${gas} - 1, ${takes}, ${leaves}` })
    if (takes !== '0' && leaves !== '0') {
      broken.push({ what: 'fewer items', entry: `${gas}, ${takes} - 1, ${leaves} - 1` })
    }
    return broken.map(({ what, entry }) => ({
      name: `${file}: ${what} in ${line}${times === 1 ? '' : ` (${times})`}`,
      file,
      text: `${source.slice(0, match.index)}[${entry}]${after}`,
      fork,
    }))
  })
}

/**
 * @param {readonly { verdict: string }[]} judged
 * @returns {{ killed: number, survived: number, equivalent: number, other: number, percent: number | undefined }}
 *   `percent` is killed of those killed and survived
 */
export function scoreOf(judged) {
  const count = (verdict) => judged.filter((each) => each.verdict === verdict).length
  const [killed, survived, equivalent] = ['killed', 'survived', 'equivalent'].map(count)
  const percent = killed + survived === 0 ? undefined : (100 * killed) / (killed + survived)
  const other = judged.length - killed - survived - equivalent
  return { killed, survived, equivalent, other, percent }
}
