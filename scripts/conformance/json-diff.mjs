// Compares a JSON-RPC response with the expected one. `error.message` is not compared.

const shownDifferences = 4

/** What differs, as `result.gasUsed: expected "0x1", got "0x2"; …`; undefined when nothing does. */
export function exactDifference(expected, got) {
  const found = []
  collect(withoutMessage(expected), withoutMessage(got), '', found)
  return sentence(found)
}

/** The same for answers that depend on the client: only that there is a result or an error, and the types in it. */
export function shapeDifference(expected, got) {
  const found = []
  for (const key of ['result', 'error']) {
    if (key in expected !== key in got) found.push(missing(key, key in expected, expected, got))
  }
  if ('result' in expected && 'result' in got)
    compareShapes(expected.result, got.result, 'result', found)
  return sentence(found)
}

function sentence(found) {
  if (found.length === 0) return undefined
  const shown = found.slice(0, shownDifferences).join('; ')
  const rest = found.length - shownDifferences
  return rest > 0 ? `${shown}; ${rest} more` : shown
}

function withoutMessage(response) {
  if (typeof response?.error !== 'object' || response.error === null) return response
  const { message: _, ...error } = response.error
  return { ...response, error }
}

function collect(expected, got, path, found) {
  if (Object.is(expected, got)) return
  if (Array.isArray(expected) && Array.isArray(got)) {
    if (expected.length !== got.length) {
      found.push(`${path}: expected ${expected.length} items, got ${got.length}`)
    }
    const common = Math.min(expected.length, got.length)
    for (let at = 0; at < common; at++) collect(expected[at], got[at], `${path}[${at}]`, found)
    return
  }
  if (!isObject(expected) || !isObject(got)) {
    found.push(`${path}: expected ${show(expected)}, got ${show(got)}`)
    return
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(got)])) {
    const inner = path === '' ? key : `${path}.${key}`
    const isExpected = Object.hasOwn(expected, key)
    if (isExpected === Object.hasOwn(got, key)) collect(expected[key], got[key], inner, found)
    else found.push(missing(inner, isExpected, expected[key], got[key]))
  }
}

function compareShapes(expected, got, path, found) {
  const [wanted, given] = [kindOf(expected), kindOf(got)]
  if (wanted !== given) {
    found.push(`${path}: expected ${wanted}, got ${given}`)
    return
  }
  if (wanted === 'a list') {
    if (expected.length > 0 && got.length > 0)
      compareShapes(expected[0], got[0], `${path}[0]`, found)
    return
  }
  if (wanted !== 'an object') return
  for (const key of Object.keys(expected)) {
    // A key that is data, as an address or a nonce, need not be there.
    if (/^(?:0x)?[0-9]/.test(key)) continue
    if (Object.hasOwn(got, key)) compareShapes(expected[key], got[key], `${path}.${key}`, found)
    else found.push(missing(`${path}.${key}`, true, expected[key], undefined))
  }
}

function kindOf(value) {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return /^0x[0-9a-fA-F]*$/.test(value) ? 'hex text' : 'text'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function missing(path, isExpected, expected, got) {
  return isExpected
    ? `${path}: missing, expected ${show(expected)}`
    : `${path}: not expected, got ${show(got)}`
}

function show(value) {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 120 ? `${text.slice(0, 117)}...` : text
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
