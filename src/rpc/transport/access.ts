import { isIP } from 'node:net'

/** Who may talk to the server from a browser. */
export interface AccessPolicy {
  /** `*`, or one origin. */
  readonly allowOrigin: string
  /** Whether answers carry CORS headers at all. */
  readonly cors: boolean
  /** Host names that pass besides loopback and IP literals; `*` lets every one pass. */
  readonly allowedHosts: readonly string[]
}

export type Verdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'forbidden'; readonly reason: string }
const PASS: Verdict = { kind: 'pass' }

/**
 * Whether a request with these headers is let in. The Host header is checked because a page on a hostile name that
 * resolves to 127.0.0.1 is same-origin with this node (DNS rebinding); the Origin, because a request that a page
 * may not read is still carried out.
 */
export function admit(
  policy: AccessPolicy,
  host: string | undefined,
  origin: string | undefined,
): Verdict {
  const name = hostName(host ?? '')
  if (host !== undefined && !isAllowedHost(policy.allowedHosts, name)) {
    return {
      kind: 'forbidden',
      reason: `the host name "${name.slice(0, 100)}" is not allowed: start with --allowed-hosts ${name.slice(0, 100)} to let it in`,
    }
  }
  if (origin === undefined || !isWebPage(origin) || isSameOrigin(origin, host)) return PASS
  if (corsOrigin(policy, origin) !== undefined) return PASS
  return {
    kind: 'forbidden',
    reason: `the origin "${origin.slice(0, 100)}" is not allowed: --allow-origin names who may call from a web page`,
  }
}

/** What Access-Control-Allow-Origin says to `origin`; undefined when it gets no such header. */
export function corsOrigin(policy: AccessPolicy, origin: string): string | undefined {
  if (!policy.cors) return undefined
  if (policy.allowOrigin === '*') return '*'
  return policy.allowOrigin === origin ? origin : undefined
}

function isAllowedHost(allowed: readonly string[], name: string): boolean {
  if (name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0) return true
  return allowed.some((host) => host === '*' || host.toLowerCase() === name)
}

/** The name in a Host header, without port, brackets and trailing dot. */
function hostName(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(host)
  const name = bracketed?.[1] ?? host.replace(/:\d*$/, '')
  return name.toLowerCase().replace(/\.$/, '')
}

/** Not an extension such as a wallet, whose user let it in. `null` is a page of no origin: a file, a sandbox. */
function isWebPage(origin: string): boolean {
  return origin === 'null' || /^https?:/i.test(origin)
}

/** A page that this server gave out itself. */
function isSameOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`)
}
