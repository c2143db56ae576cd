/** `toLocaleString` would make one for each number. */
const COUNTS = new Intl.NumberFormat('en-US')

/** `1,234,567` */
export function formatCount(value: number | bigint): string {
  return COUNTS.format(value)
}

/** `12 %`, of a part of 0 to 1; a small one with a digit more, and what is not nothing is not shown as that. */
export function formatShare(part: number): string {
  if (part > 0 && part < 0.0005) return '< 0.1 %'
  return `${(part * 100).toFixed(part > 0 && part < 0.1 ? 1 : 0)} %`
}

/** `0x1234…abcd`: both ends, as many digits each as are wanted. */
export function shorten(hex: string, digits = 4): string {
  return hex.length <= 2 * digits + 4 ? hex : `${hex.slice(0, 2 + digits)}…${hex.slice(-digits)}`
}

const UNITS = [
  { name: 'ETH', exponent: 18 },
  { name: 'gwei', exponent: 9 },
  { name: 'wei', exponent: 0 },
] as const

/**
 * An amount in the largest unit in which it is not tiny, exact unless `digits` cut it: `1.5 ETH`, `3 gwei`, `7 wei`.
 *
 * @param digits at most so many after the point
 */
export function formatWei(wei: bigint, digits = 18): string {
  const size = wei < 0n ? -wei : wei
  const unit = UNITS.find(({ exponent }) => size >= 10n ** BigInt(Math.max(0, exponent - 4)))
  const { name, exponent } = size === 0n ? UNITS[0] : (unit ?? UNITS[2])
  return `${formatUnits(wei, exponent, digits)} ${name}`
}

/** A fixed-point number: `formatUnits(1500n, 3)` is `1.5`. What is cut off shows as `…`. */
export function formatUnits(value: bigint, exponent: number, digits: number = exponent): string {
  const sign = value < 0n ? '-' : ''
  const text = (value < 0n ? -value : value).toString().padStart(exponent + 1, '0')
  const whole = formatCount(BigInt(text.slice(0, text.length - exponent)))
  const fraction = text.slice(text.length - exponent).replace(/0+$/, '')
  if (fraction === '') return sign + whole
  const kept = fraction.slice(0, digits)
  return `${sign}${whole}${kept === '' ? '' : `.${kept}`}${fraction.length > digits ? '…' : ''}`
}

const AGES = [
  { limit: 60, unit: 1, name: 's' },
  { limit: 3_600, unit: 60, name: 'min' },
  { limit: 86_400, unit: 3_600, name: 'h' },
  { limit: Number.POSITIVE_INFINITY, unit: 86_400, name: 'd' },
] as const

/** How long ago, or ahead: the chain's clock may have been set. Both in seconds since 1970. */
export function formatAge(timestamp: bigint, nowSeconds: number): string {
  const seconds = Math.round(nowSeconds - Number(timestamp))
  const size = Math.abs(seconds)
  if (size < 2) return 'now'
  const { unit, name } = AGES.find(({ limit }) => size < limit) ?? AGES[3]
  const text = `${Math.floor(size / unit)} ${name}`
  return seconds < 0 ? `${text} ahead` : `${text} ago`
}

/** `2026-11-26 20:47:58 UTC` */
export function formatTime(timestamp: bigint): string {
  const date = new Date(Number(timestamp) * 1000)
  if (Number.isNaN(date.getTime())) return `${timestamp} s after 1970`
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
