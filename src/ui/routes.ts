import { type ComponentType, type LazyExoticComponent, lazy } from 'react'

import type { PathParts } from './router.tsx'

/** What a page is given: the named parts of its path, and what follows the question mark. */
export interface PageProps {
  readonly parts: PathParts
  readonly query: URLSearchParams
}

interface Route {
  /** `/block/:block` */
  readonly pattern: string
  /** Of the window, from the path's parts. */
  readonly title: (parts: PathParts) => string
  /** Its code is loaded when it is opened. */
  readonly Page: LazyExoticComponent<ComponentType<PageProps>>
  /** Its name in the navigation; without one it is reached by links. */
  readonly nav?: string
}

export const ROUTES: readonly Route[] = [
  {
    pattern: '/',
    title: () => 'Chain',
    nav: 'Chain',
    Page: lazy(() => import('./pages/chain.tsx')),
  },
  {
    pattern: '/blocks',
    title: () => 'Blocks',
    nav: 'Blocks',
    Page: lazy(() => import('./pages/blocks.tsx')),
  },
  {
    pattern: '/block/:block',
    title: ({ block }) => `Block ${block}`,
    Page: lazy(() => import('./pages/block.tsx')),
  },
  {
    pattern: '/tx/:hash',
    title: ({ hash = '' }) => `Transaction ${hash.slice(0, 10)}`,
    Page: lazy(() => import('./pages/transaction.tsx')),
  },
  {
    pattern: '/address/:address',
    title: ({ address = '' }) => `Address ${address.slice(0, 10)}`,
    Page: lazy(() => import('./pages/address.tsx')),
  },
  {
    pattern: '/accounts',
    title: () => 'Accounts',
    nav: 'Accounts',
    Page: lazy(() => import('./pages/accounts.tsx')),
  },
  {
    pattern: '/pool',
    title: () => 'Pool',
    nav: 'Pool',
    Page: lazy(() => import('./pages/pool.tsx')),
  },
  {
    pattern: '/controls',
    title: () => 'Controls',
    nav: 'Controls',
    Page: lazy(() => import('./pages/controls.tsx')),
  },
  {
    pattern: '/parallel',
    title: () => 'Parallelism',
    nav: 'Parallelism',
    Page: lazy(() => import('./pages/parallel.tsx')),
  },
  {
    pattern: '/compare',
    title: () => 'Compare',
    nav: 'Compare',
    Page: lazy(() => import('./pages/compare.tsx')),
  },
  {
    pattern: '/pipeline',
    title: () => 'Pipeline',
    nav: 'Pipeline',
    Page: lazy(() => import('./pages/pipeline.tsx')),
  },
  {
    pattern: '/access',
    title: () => 'Access lists',
    nav: 'Access lists',
    Page: lazy(() => import('./pages/access.tsx')),
  },
  {
    pattern: '/access/:transaction',
    title: () => 'Access lists',
    Page: lazy(() => import('./pages/access.tsx')),
  },
]
