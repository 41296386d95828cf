// The configuration a new machine starts with: every key there is, commented out, with the default it has anyway.
// Whether and where it is written is seed.ts.
import { stringify } from 'yaml'
import { AgentFile } from './schema.ts'

const opening = `# muster-agent: what this machine's owner decides. A key that is commented out has the value shown.
#
# Without a server the agent only looks at this machine. To report to one, fill in these lines:
#server: https://fleet.example.org:8443
#serverCA: ca.pem
#serverCAOnly: false
#proxyUrl: http://proxy.example.org:3128
#enrollmentToken: met_...
#
# What this agent does; a plane that is not named is not run:
#planes: [observe, telemetry]
#
# How much is logged, and where, if not to standard error:
#logLevel: info
#logFile: agent.log
#
# The ceiling is what no server can raise; without it, a policy may narrow the roots below and never widen them.
#ceiling:
#  planes: [observe, telemetry]
#  scanRoots: [~/src]
#
# A koban.yaml that is already there can be used as it is:
#observe:
#  import: ~/.config/koban/koban.yaml
#
# Everything the lanes know, with their defaults:
`

/** The default of every key of the lanes, as YAML. */
const laneDefaults = (): string => {
  const { observe, telemetry } = AgentFile.parse({})
  return stringify({ observe, telemetry }, { lineWidth: 100 })
}

export const defaultFile = (): string =>
  opening +
  laneDefaults()
    .split('\n')
    .map((line) => (line === '' ? '' : `#${line}`))
    .join('\n')
