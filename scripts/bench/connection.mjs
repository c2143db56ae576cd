// One keep-alive HTTP connection to a node. `node:http`'s client needs 40 to 60 us per request, as
// much as the fastest node needs to answer one, so requests are written to a plain socket.
import { connect } from 'node:net'

// A server may close a connection that is idle (Node's do after 5 s), so an older one is not reused.
const reuseMs = 2000

/** Sends one request at a time; those that come meanwhile wait in line. */
export class Connection {
  #port
  #socket = undefined
  #usedMs = 0
  #line = Promise.resolve()

  /** @param {number} port of 127.0.0.1 */
  constructor(port) {
    this.#port = port
  }

  /**
   * Posts a JSON body.
   * @param {Buffer} request headers and body, made by `makeRequest`
   * @returns {Promise<string>} the body of the answer
   * @throws {Error} when the connection breaks, or the answer is not HTTP with status 200
   */
  send(request) {
    const answer = this.#line.then(() => this.#exchange(request))
    this.#line = answer.then(ignore, ignore)
    return answer
  }

  close() {
    this.#socket?.destroy()
    this.#socket = undefined
  }

  async #exchange(request) {
    const isStale = performance.now() - this.#usedMs > reuseMs
    if (isStale || this.#socket?.destroyed !== false) {
      this.close()
      this.#socket = await openSocket(this.#port)
    }
    try {
      return await writeAndRead(this.#socket, request)
    } finally {
      this.#usedMs = performance.now()
    }
  }
}

/**
 * An HTTP POST of a JSON text to a node's root.
 * @param {string} body
 * @returns {Buffer}
 */
export function makeRequest(body) {
  const bytes = Buffer.from(body)
  const head = `POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${bytes.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes])
}

/** @returns {Promise<import('node:net').Socket>} */
function openSocket(port) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      socket.on('error', ignore)
      resolve(socket)
    })
  })
}

/** @returns {Promise<string>} */
function writeAndRead(socket, request) {
  return new Promise((resolve, reject) => {
    const reader = new AnswerReader()
    const settle = (end) => {
      socket.off('data', onData)
      socket.off('close', onClose)
      end()
    }
    const onData = (chunk) => {
      try {
        const body = reader.push(chunk)
        if (body === undefined) return
        if (reader.closes) socket.destroy()
        settle(() => resolve(body))
      } catch (error) {
        socket.destroy()
        settle(() => reject(error))
      }
    }
    const onClose = () => settle(() => reject(new Error('the node closed the connection')))
    socket.on('data', onData)
    socket.on('close', onClose)
    socket.write(request)
  })
}

/** Puts an HTTP/1.1 answer together from the pieces that arrive (RFC 9112: length or chunked). */
export class AnswerReader {
  #pieces = []
  #size = 0
  #head = undefined

  /** Whether the server said that it closes the connection after this answer. */
  get closes() {
    return this.#head?.closes === true
  }

  /**
   * @param {Buffer} piece
   * @returns {string | undefined} the body once it is whole
   * @throws {Error} when it is not HTTP, has no length, or its status is not 200
   */
  push(piece) {
    this.#pieces.push(piece)
    this.#size += piece.length
    this.#head ??= this.#readHead()
    if (this.#head === undefined) return undefined
    const { bodyAt, length } = this.#head
    if (length !== undefined && this.#size < bodyAt + length) return undefined
    const bytes = this.#join()
    const body = length === undefined ? readChunked(bytes, bodyAt) : bytes.subarray(bodyAt)
    if (body === undefined) return undefined
    if (this.#head.status !== 200) {
      throw new Error(`HTTP ${this.#head.status}: ${body.toString('utf8', 0, 200)}`)
    }
    return body.toString('utf8')
  }

  #readHead() {
    const bytes = this.#join()
    const end = bytes.indexOf('\r\n\r\n')
    if (end < 0) return undefined
    const [statusLine, ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
    const status = /^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1]
    if (status === undefined) throw new Error(`not an HTTP/1.1 answer: ${statusLine.slice(0, 80)}`)
    const fields = new Map(
      lines.map((line) => {
        const colon = line.indexOf(':')
        return [
          line.slice(0, colon).toLowerCase(),
          line
            .slice(colon + 1)
            .trim()
            .toLowerCase(),
        ]
      }),
    )
    const isChunked = fields.get('transfer-encoding') === 'chunked'
    const length = fields.get('content-length')
    if (!isChunked && length === undefined) throw new Error('an HTTP answer without its length')
    return {
      status: Number(status),
      bodyAt: end + 4,
      length: isChunked ? undefined : Number(length),
      closes: fields.get('connection') === 'close',
    }
  }

  #join() {
    if (this.#pieces.length > 1) this.#pieces = [Buffer.concat(this.#pieces)]
    return this.#pieces[0]
  }
}

/** The body of a chunked answer, or undefined while its last chunk has not come. */
function readChunked(bytes, from) {
  const parts = []
  for (let at = from; ;) {
    const end = bytes.indexOf('\r\n', at)
    if (end < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, end), 16)
    if (Number.isNaN(size)) throw new Error('a chunk of an HTTP answer without its size')
    const dataAt = end + 2
    if (bytes.length < dataAt + size + 2) return undefined
    if (size === 0) return Buffer.concat(parts)
    parts.push(bytes.subarray(dataAt, dataAt + size))
    at = dataAt + size + 2
  }
}

function ignore() {}
