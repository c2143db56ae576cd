import { type ComponentPropsWithRef, type MouseEvent, useSyncExternalStore } from 'react'

/** Where the page is: real paths, which the node answers with the page. */
export interface Place {
  readonly path: string
  readonly query: URLSearchParams
}

/** The named parts of a path: `/block/:block` on `/block/7` has `block` `7`. */
export type PathParts = Readonly<Record<string, string>>

const MOVED = 'heddle:moved'

/** Goes to a path of the page, with a new entry in the history unless `replace`. */
export function navigate(to: string, { replace = false } = {}): void {
  if (replace) window.history.replaceState(null, '', to)
  else window.history.pushState(null, '', to)
  if (!replace) window.scrollTo(0, 0)
  window.dispatchEvent(new Event(MOVED))
}

export function usePlace(): Place {
  const href = useSyncExternalStore(listen, () => window.location.pathname + window.location.search)
  const [path = '/', query = ''] = href.split('?', 2)
  return { path, query: new URLSearchParams(query) }
}

function listen(listener: () => void): () => void {
  window.addEventListener('popstate', listener)
  window.addEventListener(MOVED, listener)
  return () => {
    window.removeEventListener('popstate', listener)
    window.removeEventListener(MOVED, listener)
  }
}

/** @returns undefined when the path is not of this pattern */
export function matchPath(pattern: string, path: string): PathParts | undefined {
  const wanted = pattern.split('/')
  const given = path.replace(/(?<=.)\/$/, '').split('/')
  if (wanted.length !== given.length) return undefined
  const parts: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const text = given[index] ?? ''
    if (part.startsWith(':') && text !== '') parts[part.slice(1)] = decode(text)
    else if (part !== text) return undefined
  }
  return parts
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A link that stays on the page; with a modifier key the browser does what it does with links. */
export function Link({ href, onClick, ...rest }: ComponentPropsWithRef<'a'> & { href: string }) {
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event)
    const isPlain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    if (event.defaultPrevented || event.button !== 0 || !isPlain) return
    event.preventDefault()
    navigate(href)
  }
  return <a href={href} onClick={follow} {...rest} />
}
