// How operators prove who they are, chosen once at start from the environment (ARCHITECTURE 3).
// Checking a credential is identify.ts.
import { Secret } from '@muster/kernel'

export type OperatorAuth =
  | { readonly kind: 'disabled' }
  | { readonly kind: 'static'; readonly token: Secret }
  | { readonly kind: 'jwt'; readonly secret: Secret }
  | { readonly kind: 'tokens' }

const loopback = /^(?:127(?:\.\d{1,3}){3}|::1|\[::1\]|localhost)$/i

/** The first that is set wins. Throws a sentence for the person starting the server when the choice is unsafe. */
export const chooseOperatorAuth = (
  env: Readonly<Record<string, string | undefined>>,
  apiHost: string,
): OperatorAuth => {
  if (env['MUSTER_AUTH_DISABLE'] === '1') {
    if (loopback.test(apiHost)) return { kind: 'disabled' }
    throw new Error(
      `MUSTER_AUTH_DISABLE=1 needs the API on loopback, not on ${apiHost}: unset it or use --api 127.0.0.1:8080`,
    )
  }
  if (env['MUSTER_AUTH_STATIC_TOKEN']) return { kind: 'static', token: new Secret(env['MUSTER_AUTH_STATIC_TOKEN']) }
  if (env['MUSTER_JWT_SECRET']) return { kind: 'jwt', secret: new Secret(env['MUSTER_JWT_SECRET']) }
  return { kind: 'tokens' }
}
