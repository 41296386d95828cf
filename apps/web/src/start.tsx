// Where the browser begins: colours first, then whoever is signed in, then the page at this address.
// What there is to see is pages/; around it stands shell/.
import { QueryCache, QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { SignInPage } from './pages/sign-in/page.tsx'
import { Trouble } from './parts/controls.tsx'
import { applyTheme } from './parts/theme.ts'
import { createDashboardRouter } from './shell/routes.tsx'
import { Declined, isSignedOut } from './wire/ask.ts'
import { mayBeSignedIn, meQuery } from './wire/me.ts'

applyTheme()

const tries = 2

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (fault, query) => {
      // A session that ended shows at the next question, whichever that is.
      if (isSignedOut(fault) && query.queryKey[0] !== 'me') void client.resetQueries({ queryKey: meQuery.queryKey })
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (count, fault) => count < tries && !(fault instanceof Declined && fault.status < 500 && fault.status > 0),
    },
  },
})

const router = createDashboardRouter(client)
// The page at this address begins to load while it is asked who is signed in.
if (mayBeSignedIn()) {
  void client.prefetchQuery(meQuery)
  void router.load()
}

const Start = () => {
  const { data: me, error } = useQuery(meQuery)
  if (me !== undefined) return <RouterProvider router={router} />
  if (error === null) return null
  return isSignedOut(error) ? <SignInPage /> : <Trouble fault={error} />
}

const place = document.getElementById('muster')
if (place === null) throw new Error('the page has no place for the dashboard')
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <Start />
    </QueryClientProvider>
  </StrictMode>,
)
