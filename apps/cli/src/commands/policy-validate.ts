// `muster policy validate`: every error and warning of a document at once, checked here, without a server.
// A server that can be asked adds what only it knows: what the token's role may write, and which rules are in force.
import { fleetRoutes, type PolicyFault } from '@muster/contract'
import { Unreachable } from '@muster/http/client'
import type { FieldFault } from '@muster/kernel'
import type { PolicyCheck } from '@muster/observe/policy-check'
import type { Command } from 'commander'
import { readInput } from '../ask/file.ts'
import { readConnection } from '../connect/connect.ts'
import { openSession } from '../connect/open-session.ts'
import type { Acting, Desk } from '../session.ts'
import { EXIT, type ExitCode, stopOf } from '../stop.ts'

export const faultLine = (file: string, fault: FieldFault | PolicyFault, level: string): string => {
  const at = fault.line === undefined ? '' : `:${fault.line}:${fault.column ?? 1}`
  return `${file}${at}: ${level} ${fault.code}: ${fault.message}${fault.path === '' ? '' : ` (${fault.path})`}`
}

/** Loaded when it is needed: no other command should wait for a YAML parser. */
const checkHere = async (yaml: string): Promise<PolicyCheck> => {
  const { checkPolicy } = await import('@muster/observe/policy-check')
  return checkPolicy(yaml)
}

const leftOut = 'what only a server knows: which rules are in force, and what your role may write'

/** The server's answer, or why there is none. */
const askServer = async (desk: Desk, yaml: string): Promise<PolicyCheck | string> => {
  const { talk } = await openSession(desk)
  try {
    const reply = await talk.ask(fleetRoutes.validatePolicy, { body: { yaml } })
    return reply.ok ? reply.value : stopOf(reply.refusal).message
  } catch (fault) {
    if (fault instanceof Unreachable) return fault.message
    throw fault
  } finally {
    talk.client.close()
  }
}

const check = async (desk: Desk, yaml: string, { offline }: ValidateFlags): Promise<PolicyCheck> => {
  if (offline === true) return checkHere(yaml)
  const hasToken = (await readConnection(desk)).token !== null
  const answer = hasToken ? await askServer(desk, yaml) : 'No server was named with a token.'
  if (typeof answer !== 'string') return answer
  await desk.print.note(`Checked here only, without ${leftOut}. ${answer}`, 'quiet')
  return checkHere(yaml)
}

interface ValidateFlags {
  readonly offline?: true
}

const validate = async (desk: Desk, file: string, flags: ValidateFlags): Promise<ExitCode> => {
  const { print, world } = desk
  const { valid, errors, warnings, bundle } = await check(desk, await readInput(world, file), flags)
  const exitCode = valid ? EXIT.ok : EXIT.failure
  if (print.isJson) {
    await print.json({ valid, errors, warnings, bundle })
    return exitCode
  }
  for (const fault of errors) await print.line(faultLine(file, fault, 'error'), 'bad')
  for (const fault of warnings) await print.line(faultLine(file, fault, 'warning'), 'warn')
  if (bundle !== null) await print.line(`${file} is valid: ${bundle.byteCount} bytes, sha256 ${bundle.sha256}`, 'good')
  return exitCode
}

export const addPolicyValidateCommand = (policy: Command, { offline }: Acting): void => {
  policy
    .command('validate')
    .description('every error and warning of a document at once; nothing is saved, and no server is needed')
    .argument('<file>', 'a policy document in YAML; - for standard input')
    .option('--offline', 'ask no server, even if one is known')
    .action(offline(validate))
}
