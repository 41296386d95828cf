// The verdicts of a batch as JSON, written straight: five hundred small objects are not worth building first.
// The members that follow them in the reply are added by the gateway's half.
import type { SyncDecision } from './decide.ts'
import { quotedEventId } from './event-key.ts'

/** `"acceptedThroughLocalSequence":…,"acceptedEvents":[…],"rejectedEvents":[…]`, ready to stand between braces. */
export const writeVerdicts = ({ acceptedThrough, verdicts }: SyncDecision): string => {
  const accepted: string[] = []
  const rejected: string[] = []
  for (const verdict of verdicts) {
    if (verdict.outcome === 'rejected') {
      const { eventId, sequence, code, message } = verdict
      rejected.push(JSON.stringify({ eventId, localSequence: sequence, code, message }))
    } else {
      const { eventId, eventKey, sequence } = verdict.event
      const duplicate = verdict.outcome === 'duplicate'
      accepted.push(
        `{"eventId":${quotedEventId(eventId, eventKey)},"localSequence":${sequence},"duplicate":${duplicate}}`,
      )
    }
  }
  return `"acceptedThroughLocalSequence":${acceptedThrough},"acceptedEvents":[${accepted.join()}],"rejectedEvents":[${rejected.join()}]`
}
