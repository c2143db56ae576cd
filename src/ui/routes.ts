import type { ComponentType } from 'react'

import { queries } from './net/live.ts'
import { reportQuery } from './parallel/report-query.ts'
import { readWindow } from './parallel/window.ts'
import { type PathParts, matchPath } from './router.tsx'

/** The node computes while the code that shows it is loaded. */
function askForReport(): void {
  const window = readWindow(new URLSearchParams(location.search))
  if (!('wrong' in window)) void queries.prefetchQuery(reportQuery(window))
}

/** What a page is given: the named parts of its path, and what follows the question mark. */
export interface PageProps {
  readonly parts: PathParts
  readonly query: URLSearchParams
}

export interface Route {
  /** `/block/:block` */
  readonly pattern: string
  /** Of the window, from the path's parts. */
  readonly title: (parts: PathParts) => string
  /** Its code is loaded when it is opened. */
  readonly load: () => Promise<{ readonly default: ComponentType<PageProps> }>
  /** Its name in the navigation; without one it is reached by links. */
  readonly nav?: string
}

export const ROUTES: readonly Route[] = [
  {
    pattern: '/',
    title: () => 'Chain',
    nav: 'Chain',
    load: () => import('./pages/chain.tsx'),
  },
  {
    pattern: '/blocks',
    title: () => 'Blocks',
    nav: 'Blocks',
    load: () => import('./pages/blocks.tsx'),
  },
  {
    pattern: '/block/:block',
    title: ({ block }) => `Block ${block}`,
    load: () => import('./pages/block.tsx'),
  },
  {
    pattern: '/tx/:hash',
    title: ({ hash = '' }) => `Transaction ${hash.slice(0, 10)}`,
    load: () => import('./pages/transaction.tsx'),
  },
  {
    pattern: '/address/:address',
    title: ({ address = '' }) => `Address ${address.slice(0, 10)}`,
    load: () => import('./pages/address.tsx'),
  },
  {
    pattern: '/accounts',
    title: () => 'Accounts',
    nav: 'Accounts',
    load: () => import('./pages/accounts.tsx'),
  },
  {
    pattern: '/pool',
    title: () => 'Pool',
    nav: 'Pool',
    load: () => import('./pages/pool.tsx'),
  },
  {
    pattern: '/controls',
    title: () => 'Controls',
    nav: 'Controls',
    load: () => import('./pages/controls.tsx'),
  },
  {
    pattern: '/parallel',
    title: () => 'Parallelism',
    nav: 'Parallelism',
    load: () => {
      askForReport()
      return import('./pages/parallel.tsx')
    },
  },
  {
    pattern: '/compare',
    title: () => 'Compare',
    nav: 'Compare',
    load: () => import('./pages/compare.tsx'),
  },
  {
    pattern: '/pipeline',
    title: () => 'Pipeline',
    nav: 'Pipeline',
    load: () => import('./pages/pipeline.tsx'),
  },
  {
    pattern: '/access',
    title: () => 'Access lists',
    nav: 'Access lists',
    load: () => import('./pages/access.tsx'),
  },
  {
    pattern: '/access/:transaction',
    title: () => 'Access lists',
    load: () => import('./pages/access.tsx'),
  },
]

/** The route that a path names, with the path's parts. */
export function findRoute(
  path: string,
): { readonly route: Route; readonly parts: PathParts } | undefined {
  for (const route of ROUTES) {
    const parts = matchPath(route.pattern, path)
    if (parts !== undefined) return { route, parts }
  }
  return undefined
}
