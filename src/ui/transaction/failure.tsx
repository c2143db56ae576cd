import { ask } from '../net/client.ts'
import { useFixed } from '../net/live.ts'
import { useBook } from '../net/contracts.ts'
import { decodeError } from '../net/decode.ts'
import { Arguments } from '../parts/value.tsx'

interface Explanation {
  readonly failure: {
    readonly kind: string
    readonly message: string | null
    readonly frames: readonly {
      readonly address: string
      readonly contract: string | null
      readonly function: string | null
      readonly source: string | null
      readonly line: number | null
    }[]
  } | null
}

interface RootCall {
  readonly output?: `0x${string}`
  readonly error?: string
}

/** Why a transaction failed: the error by its name, and the lines of Solidity that it went through. */
export function FailureReason({ hash, to }: { readonly hash: string; readonly to: string | null }) {
  const explained = useFixed(['explain', hash], () =>
    ask<Explanation>('heddle_explainTransaction', hash),
  )
  const traced = useFixed(['rootCall', hash], () =>
    ask<RootCall>('debug_traceTransaction', hash, {
      tracer: 'callTracer',
      tracerConfig: { onlyTopCall: true },
    }),
  )
  const failure = explained.data?.failure
  const frames = failure?.frames ?? []
  const book = useBook([to, ...frames.map(({ address }) => address)])
  const output = traced.data?.output ?? '0x'
  const abi = [to, ...frames.map(({ address }) => address)].flatMap((address) =>
    book.abiOf(address),
  )
  const error = decodeError(abi, output)
  return (
    <section className="failure failure-reason" aria-label="Why it failed">
      <p className="failure-words">
        {error === undefined ? (
          (failure?.message ?? traced.data?.error ?? 'execution reverted')
        ) : (
          <>
            {error.name}
            <Arguments args={error.args} book={book} />
          </>
        )}
      </p>
      {frames.length === 0 ? null : (
        <ol className="stack">
          {frames.map((frame, index) => (
            <li key={index}>
              at {[frame.contract ?? frame.address, frame.function].filter(Boolean).join('.')}
              {frame.source === null ? null : (
                <span className="soft">
                  {' '}
                  {frame.source}
                  {frame.line === null ? '' : `:${frame.line}`}
                </span>
              )}
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
