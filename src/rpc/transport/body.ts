import type { IncomingMessage } from 'node:http'

export type Body =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'tooLarge'; readonly readToEnd: boolean }
  | { readonly kind: 'broken' }

/** Of a body that is too large this many times the limit is read, for the client to get round to reading our answer. */
const READ_ON = 16

/** The whole body. */
export function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let length = 0
    incoming.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= maxBytes) chunks.push(chunk)
      else chunks.length = 0
      if (length > maxBytes * READ_ON) {
        incoming.pause()
        resolve({ kind: 'tooLarge', readToEnd: false })
      }
    })
    incoming.on('end', () => {
      if (length > maxBytes) resolve({ kind: 'tooLarge', readToEnd: true })
      else resolve({ kind: 'bytes', bytes: Buffer.concat(chunks) })
    })
    incoming.on('error', () => resolve({ kind: 'broken' }))
    incoming.on('close', () => resolve({ kind: 'broken' }))
  })
}
