/** Flags of Anvil and of Hardhat's node that are not here: what is said instead of ignoring them. */
export interface Refusal {
  /** As commander has it. */
  readonly flags: string
  readonly aliases?: readonly string[]
  readonly reason: string
}

const onDisk = 'states are kept in memory, or with --data-dir on disk; --history limits how many'

export const REFUSALS: readonly Refusal[] = [
  {
    flags: '--fork-state-by-number',
    reason: 'state is asked for by hash, and by number where the remote does not know hashes',
  },
  { flags: '--max-persisted-states [number]', reason: onDisk },
  {
    flags: '--transaction-block-keeper [number]',
    reason: 'this node keeps every block; --history limits the states that it keeps',
  },
  {
    flags: '--memory-limit [bytes]',
    reason: 'gas limits memory here: 30,000,000 pay for 4 MiB, a call of 50,000,000 for 5',
  },
  {
    flags: '--chain-type <name>',
    reason: "the chain is of Ethereum's type; --network says whose rules change it",
  },
  { flags: '--gas-stats-json <file>', reason: 'not supported; --gas-report prints a table' },
  { flags: '--coverage', reason: 'coverage is measured by test runners, not by a node' },
  {
    flags: '--build-profile <name>',
    reason: 'nothing is built here; --artefacts names the folders that are watched',
  },
  { flags: '--md', reason: 'Markdown output is not supported; --json is' },
  { flags: '--celo', reason: "Celo's rules are not here; --network says whose are" },
]

/** Flags that change nothing here, and why. */
export const NOTES: readonly Refusal[] = [
  {
    flags: '--steps-tracing',
    aliases: ['tracing'],
    reason: 'step traces are always available here',
  },
  { flags: '--print-logs', reason: 'console.log lines are printed anyway' },
  { flags: '--show-stack-traces', reason: 'lines of Solidity are shown anyway' },
  { flags: '--dev', reason: 'this is a dev chain' },
  {
    flags: '--http',
    aliases: ['ws'],
    reason: 'HTTP and WebSocket are on one port anyway',
  },
  { flags: '--http.api <names>', aliases: ['ws.api'], reason: 'every method is there anyway' },
]
