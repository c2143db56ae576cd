import {
  FIRST_CHILD,
  FIRST_SENDER,
  FIRST_STRANGER,
  type LawCase,
  NOBODY_AT,
  type TxDraft,
} from './law-case.ts'
import type { Statement } from './law-program.ts'

/** Blocks named after their contention. */

const POOR = 5

function block(
  contracts: readonly (readonly Statement[])[],
  txs: readonly TxDraft[],
  more: Partial<LawCase> = {},
): LawCase {
  const rest = { fork: 'osaka', beneficiary: 'nobody', onRejection: 'skip', gasLimit: 30_000_000 }
  return { contracts, txs, ...rest, ...more } as LawCase
}

const times = (count: number, make: (i: number) => TxDraft): TxDraft[] =>
  Array.from({ length: count }, (_, i) => make(i))
const call = (to: number, from: number, more: Partial<TxDraft> = {}): TxDraft => ({
  from,
  to,
  wei: 0,
  gas: 200_000,
  ...more,
})
const increment: Statement = { do: 'add', key: 0, from: 0, add: 1 }
const increments = (count: number): Statement[][] =>
  Array.from({ length: count }, () => [increment])

export const SCENARIOS: Readonly<Record<string, LawCase>> = {
  'independent transactions': block(
    increments(5),
    times(5, (i) => call(i, i)),
  ),
  'all on one hot slot': block(
    increments(1),
    times(24, (i) => call(0, i % 5)),
  ),
  ...Object.fromEntries(
    [1, 2, 3, 4, 5, 6, 7, 8].map((distance) => [
      `chains of distance ${distance}`,
      block(
        increments(distance),
        times(32, (i) => call(i % distance, i % 5)),
      ),
    ]),
  ),
  'one pool: reads of a slot that few write': block(
    [
      [
        { do: 'add', key: 1, from: 0, add: 1 },
        { do: 'log', key: 1 },
      ],
      [increment],
    ],
    times(24, (i) => call(i % 8 === 3 ? 1 : 0, i % 5)),
  ),
  'many pools': block(
    increments(4),
    times(32, (i) => call((i * 7) % 4, i % 5)),
  ),
  'creates, twice at the same place': block(
    [[{ do: 'create', wei: 1, salt: 0 }], [{ do: 'create', wei: 1 }]],
    [...times(8, (i) => call(i % 2, i % 5)), { from: 1, wei: 3, gas: 300_000 }],
  ),
  'self-destructs and what comes after them': block(
    [
      [increment, { do: 'destruct', to: 1 }],
      [
        { do: 'codeSize', key: 1, of: 0 },
        { do: 'balance', key: 2, of: 0 },
      ],
      [{ do: 'pay', to: 0, wei: 7 }],
    ],
    times(18, (i) => call(i % 3, i % 5, { wei: i % 3 === 0 ? 5 : 0 })),
    { fork: 'shanghai' },
  ),
  'a contract created again where one destroyed itself': block(
    [[{ do: 'create', wei: 2, salt: 1 }], [{ do: 'codeHash', key: 0, of: FIRST_STRANGER }]],
    times(12, (i) => call(i % 2, i % 5)),
    { fork: 'shanghai' },
  ),
  'delegations in mid-block (EIP-7702)': block(
    [
      [increment, { do: 'selfBalance', key: 1 }],
      [{ do: 'codeSize', key: 0, of: FIRST_SENDER + 2 }],
    ],
    [
      call(FIRST_SENDER + 2, 0),
      call(FIRST_SENDER + 2, 1, { delegates: { authority: 2, contract: 0 } }),
      call(1, 3),
      call(FIRST_SENDER + 2, 0),
      call(FIRST_SENDER + 2, 3, { delegates: { authority: 2, contract: 1 } }),
      call(FIRST_SENDER + 2, 4),
      call(1, 2),
    ],
  ),
  'chains of one sender': block(
    increments(3),
    times(24, (i) => call(i % 3, 0)),
  ),
  'nonces that are wrong until an earlier transaction is in': block(
    increments(2),
    times(16, (i) => call(i % 2, i % 3, i % 5 === 4 ? { nonceOff: 1 } : {})),
  ),
  'transfers to the beneficiary, and looks at its balance': block(
    [[{ do: 'coinbaseBalance', key: 0 }], [{ do: 'balance', key: 1, of: NOBODY_AT }]],
    times(20, (i) => call(i % 4 === 0 ? NOBODY_AT : i % 2, i % 5, { wei: i % 4 === 0 ? 9 : 0 })),
  ),
  'the beneficiary sends': block(
    increments(2),
    times(16, (i) => call(i % 2, i % 4 === 0 ? POOR : i % 5)),
    { beneficiary: 'poor' },
  ),
  'a payer who is covered only by an earlier payment': block(
    [[{ do: 'pay', to: 1, wei: 900 }], [{ do: 'pay', to: 0, wei: 700 }]],
    [
      ...times(10, (i) => call(i % 2, i % 5)),
      call(FIRST_SENDER + POOR, 0, { wei: 100_000_000 }),
      call(0, POOR, { wei: 50_000_000 }),
      call(0, POOR, { wei: 60_000_000 }),
    ],
  ),
  'accounts that come to life or are empty when looked at': block(
    [[{ do: 'pay', to: FIRST_STRANGER, wei: 1 }], [{ do: 'codeHash', key: 0, of: FIRST_STRANGER }]],
    times(12, (i) => call(i % 3 === 2 ? FIRST_STRANGER : i % 3, i % 5)),
  ),
  'gas that runs out by what another stored': block(
    [[{ do: 'turn', key: 0 }, increment], [{ do: 'add', key: 0, from: 0, add: 40 }]],
    times(20, (i) => call(i % 5 === 1 ? 1 : 0, i % 5, { gas: 28_000 + i * 400 })),
  ),
  'reverts by a slot that others write': block(
    [[increment, { do: 'log', key: 0 }, { do: 'revertIfOdd', key: 0 }], [increment]],
    times(20, (i) => call(i % 3 === 0 ? 1 : 0, i % 5)),
  ),
  'a block that is full before its end': block(
    increments(2),
    times(16, (i) => call(i % 2, i % 5, { gas: i % 3 === 2 ? 100_000 : 1_400_000 })),
    { gasLimit: 1_500_000 },
  ),
  'a block that is invalid at a transaction in its middle': block(
    increments(2),
    times(16, (i) => call(i % 2, i % 5, i === 9 ? { nonceOff: 3 } : {})),
    { onRejection: 'stop' },
  ),
}

const MEGAETH = { fork: 'prague', network: 'megaeth:rex5', gasLimit: 1_000_000_000 } as const

/** Blocks that take no more transactions long before their gas is used: what lanes ran then is not in them. */
export const FULL: Readonly<Record<string, LawCase>> = {
  'new slots, to the last one': block(
    [[{ do: 'fill', key: 0, slots: 250 }], [increment]],
    times(24, (i) => call(i % 5 === 4 ? 0 : 1, i % 5, { gas: 8_000_000 })),
    MEGAETH,
  ),
  'new slots and accounts, beyond the last one': block(
    [[{ do: 'fill', key: 0, slots: 301 }], [{ do: 'create', wei: 0 }]],
    times(24, (i) => call(i % 3 === 2 ? 0 : 1, i % 5, { gas: 9_000_000 })),
    MEGAETH,
  ),
  'new slots, and what fails counts for nothing': block(
    [
      [
        { do: 'fill', key: 0, slots: 400 },
        { do: 'add', key: 1, from: 1, add: 1 },
        { do: 'revertIfOdd', key: 1 },
      ],
      [{ do: 'fill', key: 0, slots: 500 }],
      [increment],
    ],
    times(20, (i) => call([0, 2, 1, 2][i % 4]!, i % 5, { gas: 13_000_000 })),
    MEGAETH,
  ),
}

/** Blocks one on another. */
export const CHAINS: Readonly<Record<string, readonly LawCase[]>> = {
  'a contract of an earlier block destroyed and created again: its storage is gone': [
    block(
      [[{ do: 'create', wei: 1, salt: 0 }]],
      [call(0, 0), call(FIRST_CHILD, 1), call(FIRST_CHILD, 2)],
      { fork: 'shanghai' },
    ),
    block(
      [],
      [
        call(FIRST_CHILD, 1, { wei: 0 }),
        call(FIRST_CHILD, 1, { wei: 1 }),
        call(0, 2),
        call(FIRST_CHILD, 3),
        call(FIRST_CHILD, 4),
      ],
      { fork: 'shanghai' },
    ),
    block(
      [],
      [call(FIRST_CHILD, 1, { wei: 1 }), call(0, 2), call(FIRST_CHILD, 3), call(FIRST_CHILD, 4)],
      { fork: 'shanghai' },
    ),
    block([], [call(FIRST_CHILD, 0), call(FIRST_CHILD, 1)], { fork: 'shanghai' }),
  ],
  'slots that every block writes': [1, 2, 3, 4].map(() =>
    block(
      increments(3),
      times(12, (i) => call(i % 3, i % 5)),
    ),
  ),
}
