import type { ServerConfig } from '../node/config.ts'
import { endpoint } from './banner.ts'

/** Why the node did not start, as one line for people. */
export function describeStartError(
  error: unknown,
  server: Pick<ServerConfig, 'host' | 'port' | 'ipcPath'>,
): string {
  const { host, port } = server
  const [code, syscall] = [field(error, 'code'), field(error, 'syscall')]
  // Node reports an IPC path as `address`, without a port or with one of -1.
  const isPath = !(((field(error, 'port') as number | undefined) ?? -1) >= 0)
  if (syscall === 'listen' && isPath && server.ipcPath !== undefined) {
    return `the IPC path ${server.ipcPath} cannot be used (${String(code)})`
  }
  if (code === 'EADDRINUSE') {
    return `port ${port} is in use on ${host} (use --port, or --port 0 for a free one)`
  }
  if (code === 'EACCES' && syscall === 'listen') {
    return `port ${port} needs more rights on ${host} (use --port with a number above 1023)`
  }
  if (code === 'EADDRNOTAVAIL') {
    return `${host} is not an address of this machine (use --host 127.0.0.1)`
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `the host name ${host} is not known`
  if (code !== undefined && syscall === 'listen') {
    return `cannot listen on ${endpoint(host, port)}: ${messageOf(error)}`
  }
  return messageOf(error)
}

/** The first line of what an error says. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n', 1)[0]!.trim() || 'an error without a message'
}

function field(error: unknown, name: 'code' | 'syscall' | 'port'): unknown {
  return error instanceof Error && name in error
    ? (error as Error & { readonly [K in typeof name]?: unknown })[name]
    : undefined
}
