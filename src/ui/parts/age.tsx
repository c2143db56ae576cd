import { formatAge, formatTime } from './format.ts'
import { useNow } from './now.ts'

/** How long ago, by this machine's clock; the time itself on hovering. */
export function Age({ timestamp }: { readonly timestamp: bigint }) {
  const now = useNow()
  return (
    <time className="number" dateTime={dateTimeOf(timestamp)} title={formatTime(timestamp)}>
      {formatAge(timestamp, now)}
    </time>
  )
}

/** Undefined for a time that a date cannot hold. */
function dateTimeOf(timestamp: bigint): string | undefined {
  const date = new Date(Number(timestamp) * 1000)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}
