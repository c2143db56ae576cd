/** What a part of a path needs to be taken for a key and not for a name. */
const KEY_LENGTH = 16

/** A URL as it may be shown: without password, keys in the path, and values of the query. */
export function maskUrl(url: string): string {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    return 'a URL that cannot be read'
  }
  const { protocol, username, host, pathname, searchParams } = parsed
  const path = pathname
    .split('/')
    .map((part) => (part.length >= KEY_LENGTH ? '…' : part))
    .join('/')
  const query = [...searchParams.keys()].map((name) => `${name}=…`).join('&')
  const user = username === '' ? '' : '…@'
  const end = path === '/' && query === '' ? '' : path
  return `${protocol}//${user}${host}${end}${query === '' ? '' : `?${query}`}`
}
