import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { App } from './app.tsx'
import { followChain, queries } from './net/live.ts'
import { findWallets } from './net/wallet.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/frame.css'
import './styles/parts.css'
import { findRoute } from './routes.ts'
import { applyTheme } from './theme.ts'

// Its code comes while the frame is drawn.
findRoute(window.location.pathname)
  ?.route.load()
  .catch(() => undefined)
applyTheme()
followChain()
findWallets()

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
)
