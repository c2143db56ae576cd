import { Link } from '../router.tsx'
import { formatCount, shorten } from './format.ts'

/** A value or a variable's path as text, with addresses short and linked: `balanceOf[0xf39f…2266]`. */
export function SolidityText({ text }: { readonly text: string }) {
  if (/^-?\d+$/.test(text)) return <code>{formatCount(BigInt(text))}</code>
  const parts = text.split(/(0x[0-9a-f]{64}|0x[0-9a-f]{40})(?![0-9a-f])/i)
  return (
    <code className="value">
      {parts.map((part, index) => {
        if (/^0x[0-9a-f]{40}$/i.test(part)) {
          return (
            <Link key={index} href={`/address/${part}`} title={part}>
              {shorten(part)}
            </Link>
          )
        }
        if (/^0x[0-9a-f]{64}$/i.test(part)) {
          return (
            <span key={index} title={part}>
              {shorten(part, 6)}
            </span>
          )
        }
        return part
      })}
    </code>
  )
}
