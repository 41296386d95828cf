// The version of this program, as its package says.
// Which versions of a protocol or of a database it speaks is said where they are spoken.
import own from '../package.json' with { type: 'json' }

export const programVersion: string = own.version
