// Traces of a long transaction: the struct log of all its steps, and its calls.
import { mine, submit } from '../chain.mjs'
import { checkEqual } from '../measure.mjs'
import { groupThousands } from '../table.mjs'
import { deployer, sign } from '../wallet.mjs'
import { asked } from './reads.mjs'

const looper = `0x${'c7'.repeat(20)}`
/** Calls another account 500 times. */
const caller = `0x${'c8'.repeat(20)}`
const calls = `5f5b5f5f5f5f5f73${'c9'.repeat(20)}5af1506001018061${(500).toString(16).padStart(4, '0')}1160015700`

/** @type {readonly import('../runner.mjs').Workload[]} */
export const traceWorkloads = [
  {
    id: 'traces',
    title: () => 'debug_traceTransaction',
    metrics: ({ traces }) => [
      metric('structLog', `struct log of ${groupThousands(traces.steps)} steps`),
      metric('callTracer', 'callTracer, 500 calls'),
    ],
    prepare: ({ sizes }) => ({ steps: sizes.traces.steps }),
    run: runTraces,
  },
]

function metric(key, title) {
  return { key, title, unit: 'ms', better: 'lower' }
}

async function runTraces({ launch, plan }) {
  // Without it Anvil has no steps of what it mined. Ours needs no flag.
  const node = await launch({ anvil: ['--steps-tracing'] })
  const { rpc } = node
  await rpc.call('evm_setAutomine', false)
  await rpc.call('anvil_setCode', looper, `0x${loopOf(plan.steps)}`)
  await rpc.call('anvil_setCode', caller, `0x${calls}`)
  const sent = [looper, caller].map((to, nonce) => sign(deployer, { nonce, gas: 15_000_000n, to }))
  await submit(node, sent)
  await mine(node, sent)
  const [long, many] = sent.map(({ hash }) => hash)
  const structLog = await asked(node, ['debug_traceTransaction', [long, {}]], (trace) => {
    const { length } = trace.structLogs
    checkEqual('steps are as many', Math.abs(length - plan.steps) < 10, true)
  })
  const tracer = { tracer: 'callTracer' }
  const callTracer = await asked(node, ['debug_traceTransaction', [many, tracer]], (trace) =>
    checkEqual('calls', trace.calls.length, 500),
  )
  return { structLog, callTracer }
}

/** `i = 0; do i++ while (n > i)`, eight instructions a round. */
function loopOf(steps) {
  const rounds = Math.floor(steps / 8)
  return `5f5b6001018061${rounds.toString(16).padStart(4, '0')}1160015700`
}
