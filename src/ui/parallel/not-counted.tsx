import type { Contention } from '../../client/answers.ts'
import { formatCount } from '../parts/format.ts'
import { Fact, Facts } from '../parts/panel.tsx'
import { times } from './words.ts'

/** What the headline leaves out, and how much of what was touched has a name. */
export function NotCounted({ report }: { readonly report: Contention }) {
  const { notCounted, volatile, ownership, coverage } = report
  const { senderNonce, fee } = notCounted
  const shared = ownership.filter((each) => each.shared > 0)
  return (
    <Facts>
      <Fact name="Nonces of one sender">
        {senderNonce.edges === 0
          ? 'no sender has two transactions here'
          : `${formatCount(senderNonce.edges)} waits; if they counted, at most ${times(senderNonce.boundWith)}`}
      </Fact>
      <Fact name="Fees">
        {fee.edges === 0
          ? 'nobody reads the balance that fees go to'
          : `${formatCount(fee.edges)} waits; if they counted, at most ${times(fee.boundWith)}`}
      </Fact>
      <Fact name="Reads of the block">
        {volatile.length === 0 ? (
          'none: the transactions do the same in another block'
        ) : (
          <ul>
            {volatile.map(({ name, transactions, lines }) => (
              <li key={name}>
                <code>{name}</code> in {formatCount(transactions)}
                {lines.length === 0 ? null : <span className="mono soft"> {lines.join(', ')}</span>}
              </li>
            ))}
          </ul>
        )}
      </Fact>
      <Fact name="Owned or shared">
        {ownership.length === 0 ? (
          'no variable has a name'
        ) : shared.length === 0 ? (
          'each entry is touched by one sender only'
        ) : (
          <ul>
            {shared.map((each) => (
              <li key={each.variable}>
                <code>{each.variable}</code>: {formatCount(each.shared)} shared,{' '}
                {formatCount(each.owned)} owned by one sender
              </li>
            ))}
          </ul>
        )}
      </Fact>
      <Fact name="Names">
        {coverage.text}
        {coverage.refused.length === 0 ? null : (
          <ul>
            {coverage.refused.map((refusal, place) => (
              <li key={place}>
                {refusal.contract}: {refusal.reason}
              </li>
            ))}
          </ul>
        )}
      </Fact>
      {coverage.undecidedChecks === 0 ? null : (
        <Fact name="Undecided">
          {formatCount(coverage.undecidedChecks)} checks of balances count as independent, because
          the balance before is not known
        </Fact>
      )}
    </Facts>
  )
}
