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
