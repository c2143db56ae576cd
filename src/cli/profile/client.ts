/** Asks a node's JSON-RPC. @throws {Unreachable | Refused} */
export type Ask = (method: string, ...params: readonly unknown[]) => Promise<unknown>

/** The node to ask when none is named: HEDDLE_RPC_URL, else the usual port. */
export function defaultUrl(): string {
  const url = process.env['HEDDLE_RPC_URL']
  return url === undefined || url === '' ? 'http://127.0.0.1:8545' : url
}

/** No node answers there: one line for the user. */
export class Unreachable extends Error {}

/** The node said no: its own words. */
export class Refused extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

const METHOD_NOT_FOUND = -32601

/** A node behind an HTTP URL. Nothing is asked yet. */
export function askOver(url: string): Ask {
  let id = 0
  return async (method, ...params) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(url, { method: 'POST', headers, body })
      .then(async (response) => (await response.json()) as Answer)
      .catch(() => undefined)
    if (answer === undefined || typeof answer !== 'object') {
      throw new Unreachable(
        `no node answers at ${url}: start one with heddle, or name one with --rpc-url`,
      )
    }
    if (answer.error === undefined) return answer.result
    throw refusal(answer.error, method, url)
  }
}

interface Answer {
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string }
}

/** A node in this process. */
export function askInside(node: {
  request(args: { readonly method: string; readonly params?: unknown }): Promise<unknown>
}): Ask {
  return async (method, ...params) => {
    try {
      return await node.request({ method, params })
    } catch (error) {
      const { code, message } = error as { readonly code?: number; readonly message: string }
      if (code === undefined) throw error
      throw new Refused(code, message)
    }
  }
}

function refusal(
  { code, message }: NonNullable<Answer['error']>,
  method: string,
  url: string,
): Refused {
  if (code === METHOD_NOT_FOUND && method.startsWith('parallel_')) {
    return new Refused(
      code,
      `the node at ${url} has no ${method}: it is no heddle, or an older one`,
    )
  }
  return new Refused(code, message)
}
