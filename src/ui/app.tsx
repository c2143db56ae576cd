import { useEffect } from 'react'

import { usePanelKeys } from './frame/keys.ts'
import { Header } from './frame/header.tsx'
import { useLoaded } from './parts/later.tsx'
import { Mishap } from './parts/mishap.tsx'
import { Empty, Loading } from './parts/state.tsx'
import { usePlace } from './router.tsx'
import { type PageProps, type Route, findRoute } from './routes.ts'

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
          {found === undefined ? (
            <Empty title="Nothing is here">{`No page of the node is at ${place.path}.`}</Empty>
          ) : (
            <Page key={found.route.pattern} {...found} query={place.query} />
          )}
        </Mishap>
      </main>
    </>
  )
}

function Page({ route, ...props }: { readonly route: Route } & PageProps) {
  const code = useLoaded(route.load)
  return code === undefined ? <Loading /> : <code.default {...props} />
}
