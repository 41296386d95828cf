// Which version this agent is, as servers hear it and `--version` prints it.
// It is the package's own; nothing else says it.
import manifest from '../../package.json' with { type: 'json' }

export const agentVersion: string = manifest.version
