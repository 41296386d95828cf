// Who is signed in, and what they may do; asked once, and again when the API says that nobody is.
// Signing in and out are the page of that name and the frame.
import type { Capability, Me } from '@muster/contract'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { ask, Declined, keepSession } from './ask.ts'

const nobody = new Declined(401, { code: 'credential_missing', message: '', requestId: '' })

/** The server says so in the page: a browser without a session does not have to ask. */
let isKnown = document.querySelector('meta[name=muster-known]')?.getAttribute('content') !== 'no'

export const mayBeSignedIn = (): boolean => isKnown

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }) => {
    if (!isKnown) throw nobody
    const me = await ask('me', { signal })
    keepSession(me)
    return me
  },
  staleTime: Number.POSITIVE_INFINITY,
  retry: false,
})

/** After signing in, this page's browser has a session. */
export const expectSession = (): void => {
  isKnown = true
}

export const useMe = (): Me | undefined => useQuery(meQuery).data

/** What this operator may not do is not offered; the server refuses it regardless. */
export const useMay = (): ((capability: Capability) => boolean) => {
  const me = useMe()
  return (capability) => me?.capabilities.includes(capability) ?? false
}
