// The section `rules` of the agent's file and of a bundle: a closed language, refused at its first unknown word
// (sensor-protocol 14.4, 15). What rules find is lanes/observe/rules.
import { BASE_VOCABULARY, type Rule as RuleData, SEVERITIES } from '@muster/contract/inventory'
import * as z from 'zod'

const { fields, flags, triggers, matches } = BASE_VOCABULARY

/** Surfaces are open: an agent with more of them than this one may share its rules, which then find nothing here. */
const surface = z.string().regex(/^[A-Za-z0-9._:-]{1,128}$/, 'is not the name of a surface')

const words = (known: readonly string[]) => z.enum(known as [string, ...string[]])

/** Keys beyond these, and parameters that the match kind does not use, are passed over as other agents do. */
export const Rule = z
  .object({
    id: z.string(),
    surface,
    enabled: z.boolean().default(true),
    triggers: z.array(words(triggers)).default(['added', 'modified']),
    match: words(Object.keys(matches)),
    severity: words(SEVERITIES),
    title: z.string(),
    rationale: z.string(),
    field: words(fields).optional(),
    values: z.array(z.string()).optional(),
    allowed: z.array(z.string()).optional(),
    schemes: z.array(z.string()).optional(),
    flag: words(flags).optional(),
    expected: z.boolean().optional(),
  })
  .superRefine((rule, context) => {
    for (const parameter of matches[rule.match] ?? [])
      if (rule[parameter] === undefined)
        context.addIssue({ code: 'custom', path: [parameter], message: `${rule.match} needs ${parameter}` })
  })

/** A rule with exactly the parameters of its match kind, as the rest of the program reads it. */
export const plainRule = (said: z.infer<typeof Rule>): RuleData => {
  const { id, surface: on, enabled, triggers: when, match, severity, title, rationale } = said
  const own = (matches[match] ?? []).flatMap((name) => (said[name] === undefined ? [] : [[name, said[name]] as const]))
  return { id, surface: on, enabled, triggers: when, match, severity, title, rationale, ...Object.fromEntries(own) }
}
