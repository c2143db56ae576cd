/** Reading of what people typed. Every refusal names the field and what was expected. */

/** @throws {Error} when it is empty */
export function readText(form: FormData, name: string, label: string): string {
  const value = form.get(name)
  const text = typeof value === 'string' ? value.trim() : ''
  if (text === '') throw new Error(`${label}: expected a value`)
  return text
}

/** @throws {Error} when it is no whole number of 0 or more */
export function readWhole(form: FormData, name: string, label: string): bigint {
  const text = readText(form, name, label).replaceAll(/[,_ ]/g, '')
  if (!/^(?:\d+|0x[0-9a-f]+)$/i.test(text)) {
    throw new Error(`${label}: expected a whole number, got ${text.slice(0, 60)}`)
  }
  return BigInt(text)
}

/** @throws {Error} when it is no address */
export function readAddress(form: FormData, name: string, label: string): `0x${string}` {
  const text = readText(form, name, label)
  if (!/^0x[0-9a-f]{40}$/i.test(text)) {
    throw new Error(`${label}: expected 0x and 40 hex digits, got ${text.slice(0, 60)}`)
  }
  return text as `0x${string}`
}

/** Ether as people write it, in wei. @throws {Error} when it is no amount */
export function readEther(form: FormData, name: string, label: string): bigint {
  const text = readText(form, name, label).replaceAll(/[,_ ]/g, '')
  const found = /^(\d*)(?:\.(\d{0,18}))?$/.exec(text)
  if (found === null || text === '.') {
    throw new Error(`${label}: expected ether such as 1.5, got ${text.slice(0, 60)}`)
  }
  const [, whole = '', fraction = ''] = found
  return BigInt(`${whole}${fraction.padEnd(18, '0')}`)
}

/** `0x` and hex digits without leading zeros, as JSON-RPC has numbers. */
export function quantity(value: bigint): string {
  return `0x${value.toString(16)}`
}
