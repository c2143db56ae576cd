import type { Backend } from './backend.ts'
import type { RequestRecord } from './dispatch.ts'

interface Counted {
  requests: number
  errors: number
  seconds: number
}

/** Counts requests, and writes what Prometheus reads. */
export class Metrics {
  readonly #byMethod = new Map<string, Counted>()
  readonly #known: { has(method: string): boolean }
  readonly #startedAt = Date.now() / 1000

  /** @param known methods; others are counted together: anybody can make names up */
  constructor(known: { has(method: string): boolean }) {
    this.#known = known
  }

  count({ method, ms, error }: RequestRecord): void {
    const name = this.#known.has(method) ? method : 'unknown'
    let counted = this.#byMethod.get(name)
    if (counted === undefined) {
      counted = { requests: 0, errors: 0, seconds: 0 }
      this.#byMethod.set(name, counted)
    }
    counted.requests++
    if (error !== undefined) counted.errors++
    counted.seconds += ms / 1000
  }

  /** Prometheus' text format. */
  text(backend: Backend): string {
    const { chain, pool } = backend
    const about = backend.info()
    const { pending, queued } = pool.content()
    const { rss, heapUsed } = process.memoryUsage()
    const cpu = process.cpuUsage()
    const rows = [...this.#byMethod].toSorted(([a], [b]) => (a < b ? -1 : 1))
    const byMethod = (read: (counted: Counted) => number): Sample[] =>
      rows.map(([method, counted]) => [`{method="${method}"}`, read(counted)])
    const labels = {
      version: about.clientVersion,
      hardfork: about.hardfork,
      engine: about.engine,
      executor: about.executor,
      chain_id: chain.config.chainId.toString(),
    }
    const info = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    return [
      family('heddle_info', 'gauge', 'what runs', [[`{${info.join(',')}}`, 1]]),
      family(
        'heddle_rpc_requests_total',
        'counter',
        'requests answered',
        byMethod((it) => it.requests),
      ),
      family(
        'heddle_rpc_errors_total',
        'counter',
        'requests answered with an error',
        byMethod((it) => it.errors),
      ),
      family(
        'heddle_rpc_seconds_total',
        'counter',
        'wall time of requests',
        byMethod((it) => it.seconds),
      ),
      family('heddle_head_block', 'gauge', 'number of the newest block', [
        ['', Number(chain.head().header.number)],
      ]),
      family('heddle_head_timestamp_seconds', 'gauge', 'timestamp of the newest block', [
        ['', Number(chain.head().header.timestamp)],
      ]),
      family('heddle_pool_transactions', 'gauge', 'transactions that wait', [
        ['{state="pending"}', pending.length],
        ['{state="queued"}', queued.length],
      ]),
      family('process_resident_memory_bytes', 'gauge', 'memory', [['', rss]]),
      family('nodejs_heap_size_used_bytes', 'gauge', "JavaScript's heap", [['', heapUsed]]),
      family('process_cpu_seconds_total', 'counter', 'processor time', [
        ['', (cpu.user + cpu.system) / 1e6],
      ]),
      family('process_start_time_seconds', 'gauge', 'when it started', [['', this.#startedAt]]),
    ].join('')
  }
}

type Sample = readonly [labels: string, value: number]

function family(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  samples: readonly Sample[],
): string {
  const lines = samples.map(([labels, value]) => `${name}${labels} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}
