import { hexToBytes } from '../primitives/hex.ts'
import { asRecord } from './codec/decoder.ts'
import { RpcError, badParam, invalidParams } from './error.ts'

type HashTypedData = (typeof import('viem/utils'))['hashTypedData']

/**
 * The 32-byte digest of EIP-712 data: the object, or its JSON text as wallets send it.
 *
 * @throws {RpcError} -32602 when it is not typed data.
 */
export async function typedDataDigest(value: unknown, path: string): Promise<Uint8Array> {
  const data = asRecord(typeof value === 'string' ? parse(value, path) : value, path)
  const { domain, types, primaryType, message } = data
  asRecord(types, `${path}.types`)
  asRecord(message, `${path}.message`)
  if (domain !== undefined) asRecord(domain, `${path}.domain`)
  if (typeof primaryType !== 'string') {
    throw badParam(`${path}.primaryType`, 'the name of a type', primaryType)
  }
  // Importing viem takes 0.4 s: it waits for the first who needs it.
  const { hashTypedData } = await import('viem/utils')
  try {
    const typed = { domain: domain ?? {}, types, primaryType, message }
    return hexToBytes(hashTypedData(typed as unknown as Parameters<HashTypedData>[0]))
  } catch (error) {
    throw error instanceof RpcError ? error : invalidParams(`\`${path}\`: ${reasonOf(error)}`)
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw badParam(path, 'typed data as an object or as JSON text', text)
  }
}

function reasonOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'shortMessage' in error) {
    return String(error.shortMessage)
  }
  return error instanceof Error ? error.message.split('\n')[0]! : String(error)
}
