const ETHER_DECIMALS = 18
/** Below this an amount reads better in wei. */
const SHOWN_IN_WEI = 10n ** 9n

/** `10000.000000000000000000` */
export function formatEther(wei: bigint): string {
  const digits = wei.toString().padStart(ETHER_DECIMALS + 1, '0')
  return `${digits.slice(0, -ETHER_DECIMALS)}.${digits.slice(-ETHER_DECIMALS)}`
}

/** `1.5 ETH`, `1 wei` */
export function formatAmount(wei: bigint): string {
  if (wei !== 0n && wei < SHOWN_IN_WEI) return `${wei} wei`
  return `${formatEther(wei).replace(/\.?0+$/, '')} ETH`
}

/** `0.4 ms`, `12 ms`, `3.2 s` */
export function formatDuration(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`
  return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`
}

/** `1,234,567` */
export function groupThousands(whole: number): string {
  return String(whole).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** One line of text that came from outside: control characters, which could move a terminal's cursor, become escapes. */
export function oneLine(text: string): string {
  return text.replaceAll(CONTROL, escape)
}

/** Text from outside that may have lines and tabs. */
export function printable(text: string): string {
  return text.replaceAll(CONTROL, (found) => ('\n\t'.includes(found) ? found : escape(found)))
}

// C0, DEL and C1
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g

function escape(found: string): string {
  if (found === '\n') return '\\n'
  if (found === '\t') return '\\t'
  return `\\x${found.charCodeAt(0).toString(16).padStart(2, '0')}`
}
