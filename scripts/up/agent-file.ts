// The file of the agent that `npm run up` starts: which server, and where on this computer to look.
// What the keys mean is the agent's; this only writes them.

export interface AgentFileFacts {
  readonly gatewayUrl: string
  readonly caFile: string
  readonly tokenFile: string
  readonly dataDir: string
  /** The checkout, which is the first thing to look at. */
  readonly root: string
}

// Where people keep their projects, below the home folder; the same places an agent looks at by itself.
const usualRoots = ['~/src', '~/Code', '~/Developer', '~/Projects']

/** JSON strings are YAML strings, whatever is in a path. */
const quote = (text: string): string => JSON.stringify(text)

export const agentFile = ({ gatewayUrl, caFile, tokenFile, dataDir, root }: AgentFileFacts): string =>
  `# The agent of this checkout. \`npm run up\` writes this file anew each time it starts.
server: ${quote(gatewayUrl)}
serverCA: ${quote(caFile)}
serverCAOnly: true
enrollmentTokenFile: ${quote(tokenFile)}
dataDir: ${quote(dataDir)}
planes: [observe, telemetry]
observe:
  watch:
    pollIntervalSeconds: 30
  # Not under watch, which a policy replaces: publishing one to try it must not take this checkout out of sight.
  javascript:
    projectRoots:
${[root, ...usualRoots].map((path) => `      - ${quote(path)}`).join('\n')}
  sync:
    checkInIntervalSeconds: 15
telemetry:
  intervalSeconds: 15
`
