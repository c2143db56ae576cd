import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'

import type { Context, Hono } from 'hono'

/** What the build compressed, the smallest first, by the name that a browser has for it. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}
const ASSETS = '/assets/'
/** Their names are hashes of what is in them. */
const FOREVER = 'public, max-age=31536000, immutable'

/**
 * The page for who looks in with a browser: `index.html` on every path that nothing else has, since the page finds its way by the
 * path itself, and its parts under `/assets/`. Who does not ask for HTML is left to what follows.
 *
 * @param folder what the build wrote; listed when a browser comes. Without an `index.html` there is no page.
 */
export function addPage(app: Hono, folder: string): void {
  let files: ReadonlySet<string> = new Set()
  const has = (name: string): boolean => files.has(name)
  app.get(`${ASSETS}*`, async (context, next) => {
    const name = context.req.path.slice(1)
    if (files.size === 0) files = filesOf(folder)
    if (!has(name)) return next()
    context.header('cache-control', FOREVER)
    return send(context, folder, name, has)
  })
  app.get('*', async (context, next) => {
    const accepts = context.req.header('accept') ?? ''
    if (!accepts.includes('text/html') || context.req.path.startsWith(ASSETS)) return next()
    files = filesOf(folder)
    if (!has('index.html')) return next()
    context.header('cache-control', 'no-cache')
    context.header('vary', 'accept, accept-encoding')
    context.header('content-security-policy', policy(context.req.header('host') ?? ''))
    return send(context, folder, 'index.html', has)
  })
}

async function send(
  context: Context,
  folder: string,
  name: string,
  has: (name: string) => boolean,
): Promise<Response> {
  const accepted = context.req.header('accept-encoding') ?? ''
  const [encoding, suffix] = ENCODINGS.find(
    ([encoding, suffix]) => accepted.includes(encoding) && has(name + suffix),
  ) ?? [undefined, '']
  const bytes = await readFile(join(folder, name + suffix))
  context.header('content-type', TYPES[extname(name)] ?? 'application/octet-stream')
  context.header('x-content-type-options', 'nosniff')
  context.header('referrer-policy', 'no-referrer')
  context.header('vary', 'accept-encoding', { append: true })
  if (encoding !== undefined) context.header('content-encoding', encoding)
  return context.body(new Uint8Array(bytes))
}

/**
 * Nothing from elsewhere, nothing inline, in nobody's frame.
 *
 * @param host that the browser called, which the page calls by WebSocket: not every browser takes that for `'self'`
 */
function policy(host: string): string {
  const socket = /^[\w.:[\]-]+$/.test(host) ? ` ws://${host} wss://${host}` : ''
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    `connect-src 'self'${socket}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** Paths inside the folder with forward slashes; none when it is not there. */
function filesOf(folder: string): ReadonlySet<string> {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    return new Set(
      entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/')),
    )
  } catch {
    return new Set()
  }
}
