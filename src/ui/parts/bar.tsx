import { formatShare } from './format.ts'

/** A part of a whole, 0 to 1, as a length and in words. */
export function ShareBar({ share }: { readonly share: number }) {
  const bounded = Math.min(1, Math.max(0, share))
  return (
    <span className="share">
      <span className="bar" aria-hidden="true">
        <span style={{ width: `${bounded * 100}%` }} />
      </span>
      <span className="number">{formatShare(share)}</span>
    </span>
  )
}
