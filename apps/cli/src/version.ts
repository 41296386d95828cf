// The version of this program, as its package says it.
// The server's version comes with `muster status`.
import manifest from '../package.json' with { type: 'json' }

export const ownVersion: string = manifest.version
