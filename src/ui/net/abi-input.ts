import type { AbiParameter } from 'viem'

/**
 * An argument from what was typed: a number, an address, hex, a text as it stands; lists and tuples as JSON, with numbers that are large in
 * quotes.
 *
 * @throws {Error} that names the parameter and what was expected
 */
export function parseArgument(parameter: AbiParameter, text: string): unknown {
  const label =
    parameter.name === undefined || parameter.name === '' ? parameter.type : parameter.name
  if (/\]$|^tuple/.test(parameter.type)) return convert(parameter, readJson(text, label), label)
  return convert(parameter, parameter.type === 'string' ? text : text.trim(), label)
}

function readJson(text: string, label: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`${label}: expected JSON such as [1, "0x.."], got ${cut(text)}`)
  }
}

function convert(parameter: AbiParameter, value: unknown, label: string): unknown {
  const list = /^(.*)\[(\d*)\]$/.exec(parameter.type)
  if (list !== null) {
    const [, type = '', length = ''] = list
    if (!Array.isArray(value)) throw new Error(`${label}: expected a list, got ${cut(value)}`)
    if (length !== '' && value.length !== Number(length)) {
      throw new Error(`${label}: expected ${length} items, got ${value.length}`)
    }
    return value.map((item, index) => convert({ ...parameter, type }, item, `${label}[${index}]`))
  }
  if (parameter.type === 'tuple') return convertTuple(parameter, value, label)
  return convertValue(parameter.type, value, label)
}

/** viem takes tuples by name where all members have one. */
function convertTuple(parameter: AbiParameter, value: unknown, label: string): unknown {
  const { components = [] } = parameter as { readonly components?: readonly AbiParameter[] }
  if (typeof value !== 'object' || value === null) {
    throw new Error(`${label}: expected an object or a list, got ${cut(value)}`)
  }
  const parts = components.map((component, index) => {
    const name = component.name ?? ''
    const part: unknown = Array.isArray(value) ? value[index] : Reflect.get(value, name)
    if (part === undefined) throw new Error(`${label}.${name || index}: missing`)
    return [name, convert(component, part, `${label}.${name || index}`)] as const
  })
  return components.every(({ name }) => name !== undefined && name !== '')
    ? Object.fromEntries(parts)
    : parts.map(([, part]) => part)
}

function convertValue(type: string, value: unknown, label: string): unknown {
  if (type === 'bool') {
    if (value === true || value === 'true') return true
    if (value === false || value === 'false') return false
    throw new Error(`${label}: expected true or false, got ${cut(value)}`)
  }
  const text = String(value)
  if (type === 'string') return text
  if (/^u?int/.test(type)) {
    const digits = text.replaceAll(/[,_ ]/g, '')
    const isNumber = /^-?\d+$/.test(digits) || /^0x[0-9a-f]+$/i.test(digits)
    if (!isNumber || (type.startsWith('uint') && digits.startsWith('-'))) {
      throw new Error(`${label}: expected a ${type}, got ${cut(value)}`)
    }
    return BigInt(digits)
  }
  if (type === 'address' && !/^0x[0-9a-f]{40}$/i.test(text)) {
    throw new Error(`${label}: expected an address (0x and 40 hex digits), got ${cut(value)}`)
  }
  // Capitals are a checksum, which is not everybody's.
  if (type === 'address') return text.toLowerCase()
  const bytes = /^bytes(\d*)$/.exec(type)?.[1]
  const digits =
    bytes === undefined || bytes === '' ? '(?:[0-9a-f]{2})*' : `[0-9a-f]{${Number(bytes) * 2}}`
  if (!new RegExp(`^0x${digits}$`, 'i').test(text)) {
    throw new Error(`${label}: expected ${type} as hex, got ${cut(value)}`)
  }
  return text
}

function cut(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text === '' ? 'nothing' : text.length > 60 ? `${text.slice(0, 60)}…` : text
}
