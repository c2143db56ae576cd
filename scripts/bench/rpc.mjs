// JSON-RPC over one connection.
import { Connection, makeRequest } from './connection.mjs'

/** @typedef {readonly [method: string, params: readonly unknown[]]} Call */

/** The answer to a call was an error object. */
class RpcError extends Error {
  name = 'RpcError'
}

/** A client of one node. */
export class RpcClient {
  #connection

  /** @param {number} port of 127.0.0.1 */
  constructor(port) {
    this.#connection = new Connection(port)
  }

  /**
   * @param {string} method
   * @param {...unknown} params
   * @returns {Promise<unknown>} the result
   * @throws {RpcError} when the node answers with an error
   */
  async call(method, ...params) {
    const text = await this.#connection.send(prepareCall([method, params]))
    return resultOf(JSON.parse(text), method)
  }

  /**
   * Any number of calls in batches of 100.
   * @param {readonly Call[]} calls
   * @returns {Promise<unknown[]>} results in the order of the calls
   * @throws {RpcError} when the node answers one with an error
   */
  async batch(calls) {
    return readBatches(await this.sendAll(prepareBatches(calls)), calls)
  }

  /**
   * Sends prepared requests one after another, so that nothing but their exchange is timed.
   * @param {readonly Buffer[]} requests
   * @returns {Promise<string[]>} the answers, unread
   */
  async sendAll(requests) {
    const texts = []
    for (const request of requests) texts.push(await this.#connection.send(request))
    return texts
  }

  close() {
    this.#connection.close()
  }
}

export const batchSize = 100

/**
 * @param {Call} call
 * @returns {Buffer} for `RpcClient.sendAll`
 */
export function prepareCall(call) {
  return makeRequest(JSON.stringify(envelope(call, 0)))
}

/**
 * @param {readonly Call[]} calls any number
 * @returns {Buffer[]} a request for every hundred of them
 */
export function prepareBatches(calls) {
  const requests = []
  for (let at = 0; at < calls.length; at += batchSize) {
    const batch = calls.slice(at, at + batchSize).map(envelope)
    requests.push(makeRequest(JSON.stringify(batch)))
  }
  return requests
}

/**
 * Reads the answers to `prepareBatches(calls)`.
 * @param {readonly string[]} texts
 * @param {readonly Call[]} calls
 * @returns {unknown[]} results in the order of the calls
 * @throws {RpcError} when one is an error or missing
 */
export function readBatches(texts, calls) {
  return texts.flatMap((text, index) => {
    const answers = JSON.parse(text)
    const asked = calls.slice(index * batchSize, (index + 1) * batchSize)
    if (!Array.isArray(answers)) return [resultOf(answers, `a batch of ${asked[0]?.[0]}`)]
    const byId = new Map(answers.map((answer) => [answer.id, answer]))
    return asked.map(([method], id) => resultOf(byId.get(id), method))
  })
}

function envelope([method, params], id) {
  return { jsonrpc: '2.0', id, method, params }
}

function resultOf(answer, method) {
  if (answer === undefined) throw new RpcError(`${method}: no answer in the batch`)
  if (answer.error !== undefined) {
    throw new RpcError(`${method}: ${answer.error.message} (${answer.error.code})`)
  }
  return answer.result
}
