// Checked mode: every answer is held against its route before it leaves, so that a wrong reply is found here.
// Tests and development run with it; production trusts the types.
import { type Route, refusalsOf } from '@muster/contract'
import { type AnyAnswer, EncodedJson, RepliedAs, SessionReply } from './serve.ts'

const named = (route: Route): string => `${route.method} ${route.path}`

/** Throws when one reply, or one line of a stream, is not what the route promises. */
export const checkReply = (route: Route, reply: unknown): void => {
  if (reply instanceof RepliedAs) {
    if (route.otherStatuses?.includes(reply.status) === true) return checkReply(route, reply.reply)
    throw new Error(`${named(route)} answered with ${reply.status}, which its contract does not list`)
  }
  const said = reply instanceof SessionReply ? reply.value : reply
  const value: unknown = said instanceof EncodedJson ? JSON.parse(said.text) : said
  const parsed = route.reply.safeParse(value)
  if (!parsed.success) throw new Error(`reply of ${named(route)} breaks its contract`, { cause: parsed.error })
}

/** Throws when an answer is not one its route can give: a wrong shape, or a refusal that nobody was told of. */
export const checkAnswer = (route: Route, answer: AnyAnswer): void => {
  if (answer.ok) {
    if (route.replyForm === 'json') checkReply(route, answer.value)
    return
  }
  if (refusalsOf(route).includes(answer.refusal.code)) return
  throw new Error(`${named(route)} refused with ${answer.refusal.code}, which its contract does not list`)
}
