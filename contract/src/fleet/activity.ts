// What came in over time: events and findings by the hour or by the day, for a look at the fleet.
// The events and findings themselves are inventory.ts and findings.ts.
import { z } from 'zod'
import { declare } from '../route.ts'
import { SEVERITIES } from '../severity.ts'
import { fleetPrefix, Time } from './shapes.ts'

export const ACTIVITY_RESOLUTIONS = ['hour', 'day'] as const
export type ActivityResolution = (typeof ACTIVITY_RESOLUTIONS)[number]

/** Spans that one answer has at most: a month of hours, or two years of days. */
export const MOST_ACTIVITY_SPANS = 750

export const ActivityPoint = z.strictObject({
  /** Where its span begins: a whole hour, or a whole day in UTC. */
  from: Time,
  /** Events received in it. */
  events: z.int().nonnegative(),
  /** Findings first observed in it, by severity; one that is seen again is not counted again. */
  findings: z.strictObject(
    Object.fromEntries(SEVERITIES.map((one) => [one, z.int().nonnegative()])) as Record<
      (typeof SEVERITIES)[number],
      z.ZodInt
    >,
  ),
})
export type ActivityPoint = z.infer<typeof ActivityPoint>

export const readActivity = declare({
  method: 'GET',
  path: `${fleetPrefix}/activity`,
  summary: 'How many events were received and findings first observed, by hour or day, oldest first.',
  speaker: 'operator',
  may: 'fleet:read',
  query: z.strictObject({
    /** The last 30 days unless told. */
    from: Time.optional(),
    to: Time.optional(),
    /** Days unless told. */
    resolution: z.enum(ACTIVITY_RESOLUTIONS).optional(),
  }),
  reply: z.strictObject({
    resolution: z.enum(ACTIVITY_RESOLUTIONS),
    /** One for every span that the window touches, also where nothing came. */
    items: z.array(ActivityPoint),
    /** False while some of the events still wait to be counted: then there were more. */
    isExact: z.boolean(),
  }),
  refusals: [],
})
