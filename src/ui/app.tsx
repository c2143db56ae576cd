import { Suspense, useEffect } from 'react'

import { usePanelKeys } from './frame/keys.ts'
import { Header } from './frame/header.tsx'
import { Mishap } from './parts/mishap.tsx'
import { Empty, Loading } from './parts/state.tsx'
import { matchPath, usePlace } from './router.tsx'
import { ROUTES } from './routes.ts'

/** The frame, and in it the page that the path names. */
export function App() {
  const place = usePlace()
  usePanelKeys()
  const found = findRoute(place.path)
  const title = found === undefined ? 'Not found' : found.route.title(found.parts)
  useEffect(() => {
    document.title = `${title} · heddle`
  }, [title])
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <Header path={place.path} />
      <main id="main" tabIndex={-1}>
        <Mishap key={place.path}>
          <Suspense fallback={<Loading />}>
            {found === undefined ? (
              <Empty title="Nothing is here">{`No page of the node is at ${place.path}.`}</Empty>
            ) : (
              <found.route.Page parts={found.parts} query={place.query} />
            )}
          </Suspense>
        </Mishap>
      </main>
    </>
  )
}

function findRoute(path: string) {
  for (const route of ROUTES) {
    const parts = matchPath(route.pattern, path)
    if (parts !== undefined) return { route, parts }
  }
  return undefined
}
