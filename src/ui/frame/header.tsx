import { useEffect, useRef } from 'react'

import { useConnection, useHead } from '../net/live.ts'
import { formatCount } from '../parts/format.ts'
import { Link, matchPath } from '../router.tsx'
import { ROUTES } from '../routes.ts'
import { useTheme } from '../theme.ts'
import { Logo } from './logo.tsx'
import { Search } from './search.tsx'
import { WalletButton } from './wallet-button.tsx'

/** Name, navigation, search, and what holds everywhere: the wallet, the connection, the newest block, the theme. */
export function Header({ path }: { readonly path: string }) {
  const nav = useRef<HTMLElement>(null)
  // On a narrow screen the page's own name may be beyond the edge.
  useEffect(() => {
    const current = nav.current?.querySelector('[aria-current]')
    current?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [path])
  return (
    <header className="top">
      <Link className="brand" href="/" aria-label="heddle, to the chain">
        <Logo />
        <span>heddle</span>
      </Link>
      <nav aria-label="Pages" ref={nav}>
        {ROUTES.filter(({ nav }) => nav !== undefined).map(({ pattern, nav }) => (
          <Link
            key={pattern}
            href={pattern}
            aria-current={isWithin(pattern, path) ? 'page' : undefined}
          >
            {nav}
          </Link>
        ))}
      </nav>
      <div className="top-end">
        <Search />
        <WalletButton />
        <Connection />
        <ThemeButton />
      </div>
    </header>
  )
}

/** Whether a path is a page of the navigation or below it. */
function isWithin(page: string, path: string): boolean {
  return matchPath(page, path) !== undefined || (page !== '/' && path.startsWith(`${page}/`))
}

function Connection() {
  const state = useConnection()
  const head = useHead()
  const text =
    state === 'open'
      ? head === undefined
        ? 'connected'
        : `block ${formatCount(head.number)}`
      : state === 'lost'
        ? 'no connection, trying again'
        : 'connecting'
  return (
    <span className="connection" data-state={state} role="status">
      <span className="dot" aria-hidden="true" />
      {text}
    </span>
  )
}

const THEME_MARKS = { system: '◐', light: '○', dark: '●' } as const

function ThemeButton() {
  const [theme, next] = useTheme()
  return (
    <button
      type="button"
      className="icon-button"
      onClick={next}
      aria-label={`Colours: ${theme}. Change`}
      title={`Colours: ${theme}`}
    >
      <span aria-hidden="true">{THEME_MARKS[theme]}</span>
    </button>
  )
}
