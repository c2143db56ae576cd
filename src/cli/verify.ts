import { type Verdict, verifyCertificate } from '../analysis/verify-certificate.ts'
import { readFixture } from './tool-files.ts'
import { anyValue, lastValue, parseToolOptions } from './tool-options.ts'
import { complain, misused, printLine } from './tool-output.ts'
import { messageOf } from './start-error.ts'

const USAGE = `usage: heddle verify FILE...
       heddle verify --rpc-url URL BLOCK...
  Checks certificates of blocks (parallel_getCertificate) without executing anything: that each read has the value of the
  last write before it, that the writes come together to what is left, that this is in the state, if there are proofs, and
  that the state's root is the block's. Files hold a certificate, or the JSON-RPC answer with it.
  --rpc-url URL   ask this node for the certificates, with proofs; a block is its number, its hash or latest`

/** A node that is not there, or does not answer as one. */
class NodeError extends Error {
  override readonly name = 'NodeError'
}

/**
 * Checks certificates: one JSON line each on stdout, what is wrong with them on stderr.
 * @param argv what follows the command's name
 * @returns the exit code: 0 all hold, 1 some do not, 2 bad usage, an unreadable file or no answer
 */
export async function verify(argv: readonly string[]): Promise<number> {
  const request = parseToolOptions(argv, { '--rpc-url': anyValue })
  if (request.kind === 'help') {
    process.stdout.write(`${USAGE}\n`)
    return 0
  }
  if (request.kind === 'bad') return misused('verify', request.problem)
  const url = lastValue(request.values, '--rpc-url')
  if (url !== undefined && !URL.canParse(url)) {
    return misused('verify', `--rpc-url: expected a URL such as http://127.0.0.1:8545, got ${url}`)
  }
  let exitCode = 0
  for (const path of request.paths) {
    try {
      const verdict = verifyCertificate(
        url === undefined ? await readFixture(path, (json) => json) : await ask(url, path),
      )
      if (!report(path, verdict)) exitCode = 1
    } catch (error) {
      return complain('verify', messageOf(error))
    }
  }
  return exitCode
}

function report(path: string, verdict: Verdict): boolean {
  if (verdict.kind === 'fails') {
    printLine({ certificate: path, holds: false })
    for (const problem of verdict.problems) process.stderr.write(`${path}: ${problem}\n`)
    return false
  }
  const { certificate, reads, writes, proven } = verdict
  const { blockNumber, blockHash, transactions } = certificate
  const counts = { transactions: transactions.length, reads, writes, provenAccounts: proven }
  printLine({ certificate: path, holds: true, blockNumber, blockHash, ...counts })
  return true
}

/** @throws {NodeError} that names the node */
async function ask(url: string, block: string): Promise<unknown> {
  const params = [
    /^[0-9]+$/.test(block) ? `0x${BigInt(block).toString(16)}` : block,
    { proofs: true },
  ]
  const body = { jsonrpc: '2.0', id: 1, method: 'parallel_getCertificate', params }
  const headers = { 'content-type': 'application/json' }
  const answer: unknown = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
    .then((response) => response.json())
    .catch((error: unknown) => {
      throw new NodeError(`${url} does not answer: ${messageOf(error)}`)
    })
  if (typeof answer !== 'object' || answer === null || !('result' in answer)) {
    throw new NodeError(`${url}: ${refusalIn(answer)}`)
  }
  return answer.result
}

function refusalIn(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) {
    return 'it does not speak JSON-RPC'
  }
  const { error } = answer
  if (typeof error !== 'object' || error === null || !('message' in error)) return 'it refuses'
  return String(error.message)
}
