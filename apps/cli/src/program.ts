// All commands of `muster` and the flags that every one of them takes.
// What a command does is in commands/ and doctor/; what happens around it is run.ts.
import { Command, Option } from 'commander'
import { spanOf } from './ask/argument.ts'
import { addApiCommand } from './commands/api.ts'
import { addAuditCommands } from './commands/audit.ts'
import { addCompletionCommand } from './commands/completion.ts'
import { addContextCommands } from './commands/context.ts'
import { addDeviceChangeCommands } from './commands/device-change.ts'
import { addDeviceHeartbeatsCommand } from './commands/device-heartbeats.ts'
import { addDeviceHistoryCommands } from './commands/device-history.ts'
import { addDeviceListCommand } from './commands/device-list.ts'
import { addDeviceManyCommands } from './commands/device-many.ts'
import { addDeviceShowCommand } from './commands/device-show.ts'
import { addFindingCommands } from './commands/finding.ts'
import { addGroupCommands } from './commands/group.ts'
import { addInventoryCommands } from './commands/inventory.ts'
import { addOperatorCommands } from './commands/operator.ts'
import { addPolicyCommands } from './commands/policy.ts'
import { addPolicyChangeCommands } from './commands/policy-change.ts'
import { addPolicyExportCommand } from './commands/policy-export.ts'
import { addPolicyPlanCommand } from './commands/policy-plan.ts'
import { addPolicyValidateCommand } from './commands/policy-validate.ts'
import { addRetentionCommands } from './commands/retention.ts'
import { addSearchCommand } from './commands/search.ts'
import { addSettingsCommands } from './commands/settings.ts'
import { addStatusCommand } from './commands/status.ts'
import { addTokenCommands } from './commands/token.ts'
import { addVersionCommand } from './commands/version.ts'
import { addDoctorCommand } from './doctor/doctor.ts'
import type { Acting } from './session.ts'

const addGlobalFlags = (muster: Command): Command =>
  muster
    .option('--url <url>', 'the server (MUSTER_URL)')
    .option('--token <token>', 'the operator token (MUSTER_TOKEN, which does not show in process lists)')
    .option('--context <name>', 'a server by name (MUSTER_CONTEXT; see muster context)')
    .option('--ca <file>', "certificates to trust besides the system's (MUSTER_CA)")
    .option('--json', 'one JSON document for programs instead of text for people')
    .option('--no-color', 'no colour (also NO_COLOR)')
    .addOption(new Option('--timeout <span>', 'how long to wait for an answer').argParser(spanOf).default(30, '30s'))

const afterHelp = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not allowed, 4 not found, 5 conflict, 8 done in part.
Start with: muster doctor`

export const createProgram = (acting: Acting): Command => {
  const muster = addGlobalFlags(new Command('muster'))
    .description('Muster from the terminal: what is on the machines of a fleet, and what changed.')
    .helpCommand('help [command]', 'show help')
    .addHelpText('after', afterHelp)
  const device = muster.command('device').description('the machines')
  const policy = muster.command('policy').description('what agents watch for')
  addTokenCommands(muster, acting)
  addDeviceListCommand(device, acting)
  addDeviceShowCommand(device, acting)
  addDeviceHistoryCommands(device, acting)
  addDeviceHeartbeatsCommand(device, acting)
  addDeviceChangeCommands(device, acting)
  addDeviceManyCommands(device, acting)
  addGroupCommands(muster, acting)
  addPolicyValidateCommand(policy, acting)
  addPolicyPlanCommand(policy, acting)
  addPolicyChangeCommands(policy, acting)
  addPolicyCommands(policy, acting)
  addPolicyExportCommand(policy, acting)
  addInventoryCommands(muster, acting)
  addSearchCommand(muster, acting)
  addFindingCommands(muster, acting)
  addAuditCommands(muster, acting)
  addOperatorCommands(muster, acting)
  addRetentionCommands(muster, acting)
  addSettingsCommands(muster, acting)
  addStatusCommand(muster, acting)
  addDoctorCommand(muster, acting)
  addApiCommand(muster, acting)
  addContextCommands(muster, acting)
  addCompletionCommand(muster, acting)
  addVersionCommand(muster, acting)
  return muster
}
