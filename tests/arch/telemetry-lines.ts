// What the telemetry plane has to prove (telemetry 24), line by line: tokens, exchange, heartbeats, states and the platform.
// What its lane of the agent has to prove is telemetry-agent-lines.ts.
import type { AcceptanceArea } from './acceptance-proofs.ts'

const identity = (path: string): string => `identity/src/${path}.test.ts`
const telemetry = (path: string): string => `planes/telemetry/src/${path}.test.ts`
const wire = (path: string): string => `tests/wire/${path}.test.ts`
const joining = wire('telemetry-enroll')
const beating = wire('telemetry-heartbeat')
const exchange = identity('exchange/exchange')
const csr = identity('exchange/csr')
const lives = identity('agents/agents')

export const TELEMETRY_LINES: readonly AcceptanceArea[] = [
  {
    area: 'enrolment tokens',
    lines: {
      'a raw token is in one answer, and neither it nor its hash anywhere else': {
        [joining]: ['a raw token is in one answer and nowhere else, nor is its hash'],
        [wire('secrets')]: ['a secret that is handed out is in the reply that does so, and in no other'],
      },
      'admins make and revoke, operators read, auditors are refused': {
        [joining]: ['owners and admins make and revoke tokens, analysts read them, auditors and viewers do not'],
      },
      'expired, revoked, exhausted and unknown look alike outside, and differ in the history': {
        [joining]: ['expired, revoked, exhausted and unknown tokens are told apart by the audit history alone'],
        [exchange]: ['four tokens that let nobody in look alike outside, and differ in the history'],
      },
      'a token for one lets one of two in': {
        [joining]: ['a token for one, used by two machines at the same instant, enrols exactly one'],
        [exchange]: ['a token for one, used by two at the same instant, lets exactly one in'],
      },
    },
  },
  {
    area: 'exchange',
    lines: {
      'all of an exchange is in one transaction, and a fault before the commit leaves nothing': {
        [joining]: [
          'the happy path: an identity, a certificate for the key that asked, and nothing that stays in a cache',
        ],
        [exchange]: [
          'who comes in gets an identity, a certificate for its key alone, and a token',
          'a fault before the commit leaves nothing, and no use is spent',
        ],
      },
      'the published request is taken, and one that was touched, is weak, doubled, trailed or too large is not': {
        [csr]: [
          'the published request is read, and its key has the published digest',
          'any bit turned anywhere makes it no good',
          'a key on ${name}: ${fault}',
          'both labels are fine, around them white space, and nothing else',
          'trailing bytes, long lengths and more than 8 KiB are slack',
        ],
        [joining]: ['what is wrong with a request is told by its code'],
      },
      'what a request asks for is not in the certificate, and its key is': {
        [exchange]: [
          'names and powers a request asks for are not in the certificate',
          'who comes in gets an identity, a certificate for its key alone, and a token',
        ],
      },
      'a nonce is good once, a short one is none, and our agent makes one for each attempt': {
        [exchange]: ['a nonce is good once, whatever came of it'],
        [joining]: ['what is wrong with a request is told by its code'],
        'apps/agent/src/lanes/telemetry/lane.test.ts': [
          'the key is on the disk before the first sentence, and every attempt has a nonce of its own',
        ],
      },
      'a lost answer can be asked for again within ten minutes, without another use': {
        [joining]: [
          'a lost answer: the same key and another nonce within ten minutes is the same agent and no further use',
        ],
        [exchange]: ['a lost answer can be asked for again: the same agent, no further use, and then it is over'],
      },
      'a class the token does not name is refused, and naming another tenant changes nothing': {
        [exchange]: [
          'a class the token does not name, and a fingerprint of no known form',
          'a body that names another tenant changes nothing and is put on record',
        ],
        [joining]: ['naming another tenant changes nothing, and is on record'],
      },
      'where somebody has to say yes, an agent waits, comes in with the same key, or is turned away': {
        [joining]: [
          'where somebody has to say yes: 202 without credentials, then 201 for the same key, or 401 for good',
        ],
        [exchange]: [
          'where somebody has to say yes, an agent waits without credentials, and comes in with the same key',
        ],
      },
      'a revoked key does not come back, one that was silent does, under its name': {
        [exchange]: ['a revoked key does not come back; revoking twice is once'],
        [lives]: ['a long silence locks an agent out until an operator or its key brings it back'],
      },
      'what may be a clone is flagged and never merged while the old one lives': {
        [exchange]: ['hardware seen a while ago goes on under the new key; seen just now, both are flagged'],
      },
    },
  },
  {
    area: 'heartbeat',
    lines: {
      'the example is accepted, the first one makes an agent active and its asset discovered and managed': {
        [beating]: ['the first heartbeat makes an agent active and its asset managed and discovered'],
        [telemetry('heartbeat/decide')]: ['the example has the published digest (telemetry 22)'],
        [telemetry('heartbeat/heartbeat')]: [
          'events: discovered once, updated when the face changes, and the log stands for every heartbeat',
        ],
        [lives]: ['the first heartbeat makes an agent active, once, and is seen in its list'],
      },
      'each check answers its own status and code, stores nothing, and is on record': {
        [beating]: [
          "${name}: ${want.join(' ')}",
          'an operator token: 403 not_service_account',
          "another tenant's agent looks like none",
          'refusals are on record once, however often they come',
        ],
        [telemetry('binding/decide')]: [
          '${JSON.stringify(facts)} is ${code}',
          'an earlier check answers first',
          '${mode} with ${JSON.stringify(certificate)}: ${outcome}',
        ],
        [joining]: ['a service account opens no other route, and an operator is no service account'],
      },
      'another asset in the body is refused and changes nothing, its own is accepted': {
        [telemetry('heartbeat/decide')]: [
          "${key}: one's own is dropped, another's is refused, and so is what is no text",
          'an override is refused before a fault is looked for',
        ],
        [beating]: ['its own ids in the body are accepted and dropped'],
      },
      'a fact may be null with its reason, a missing one is refused or warned of, every alias is read': {
        [telemetry('heartbeat/decide')]: [
          '${fact} may be null, with its reason',
          '${fact} missing is refused, and warned of where that is allowed',
          '${alias} is read as ${name}',
          "a disk's ${alias} is read as ${name}",
          "an interface's ${alias} is read as ${name}",
        ],
        [beating]: ['a fact that could not be collected is accepted, foreign names too, and odd extras are named'],
      },
      'extras that are too many, too deep or look secret are dropped with a warning, never refused': {
        [telemetry('heartbeat/decide')]: [
          'extras beyond the bounds are named and dropped, never refused',
          'what looks like a secret is never kept, at any depth',
          'there are never more warnings than may be said',
        ],
      },
      'the same again is a duplicate without an event, another content under its id a conflict': {
        [beating]: [
          'the same heartbeat twice is a duplicate, without a second event; another content under its id is a conflict',
        ],
        [telemetry('heartbeat/heartbeat')]: [
          'the same heartbeat twice is one, also within one transaction, and another content under its id is refused',
          'after a restart, packed or not, the same is known as before',
        ],
      },
      'an older observation overwrites nothing, a wrong clock is flagged, and what lives is told by our own time': {
        [beating]: [
          'an older observation overwrites nothing, and a clock a day wrong is accepted and flagged',
          'offline is what the list says of a silent machine, and it blocks nothing',
        ],
        [telemetry('heartbeat/decide')]: ['a clock that is ${name} is accepted'],
      },
      'what is our fault is 503, and never a verdict': {
        [joining]: ['a database that is away is our fault: 503 unavailable with a wait, never a verdict'],
        [beating]: ['a store that takes no writes is 503, never a verdict about the agent'],
        [wire('telemetry-faults')]: [
          'whichever table is away, an agent is let in and heard, or told to wait',
          'a data folder whose keys are gone lets nobody in and hears everybody',
        ],
        [telemetry('heartbeat/overload')]: [
          'whoever comes when no more can be stored is told to wait, and nobody who waits is forgotten',
        ],
        'contract/src/telemetry/telemetry.test.ts': [
          'an agent stops for good on 401 and 403, so nothing that is our fault is spelled so',
        ],
        'edges/http/src/dialect.test.ts': [
          'a database that is away and a defect look the same: 503, and a wait spread over a minute and a half',
        ],
      },
      'a new token comes before the old one ends, which works until then, and only to those that can take it': {
        [lives]: ['a token is renewed in its last third, once in ten minutes, for agents that can take it'],
      },
    },
  },
  {
    area: 'states',
    lines: {
      'a long silence locks out until somebody brings the agent back, and our own outage ages nobody': {
        [lives]: [
          'a long silence locks an agent out until an operator or its key brings it back',
          'who comes back after long is on disk before the answer, so that nobody locks it out meanwhile',
          'time in which the platform was down makes nobody stale',
        ],
        [telemetry('binding/decide')]: ['${JSON.stringify(facts)} is ${code}'],
      },
      'offline blocks nothing': {
        [beating]: ['offline is what the list says of a silent machine, and it blocks nothing'],
      },
      'revoking is once, counts at the next heartbeat, and is for good': {
        [joining]: ['revoking is idempotent, counts at the next heartbeat, and is terminal'],
        [beating]: ['a revoked agent is refused from its next heartbeat on, for good'],
      },
    },
  },
  {
    area: 'platform',
    lines: {
      'nothing crosses the border of a tenant or of a group': {
        [joining]: ['another tenant neither sees nor moves an agent'],
        [wire('walk')]: ["on the operators' listener: an owner of another tenant, to whom nothing here exists"],
        [wire('tenants')]: [
          'each reads everything of its own, and nothing of the other',
          'what belongs to the other does not exist',
        ],
        'apps/server/src/tables.test.ts': [
          'every table names its tenant, or why not is written down',
          'of every table that names it a tenant sees its own rows, and writes no other',
        ],
        'edges/storage/src/tenant.test.ts': ['tenants that take turns on few connections never see each other'],
        [wire('facade-group-walk')]: [
          'is answered by ${name} as if there was nothing else',
          'does not let in who waits, nor turn them away',
          'changes nothing beyond',
        ],
        [telemetry('presence/presence')]: [
          'a machine is told as it was, from memory and from packs, and of another tenant it is not',
        ],
      },
      // Its other half, an hour of ten thousand agents, is no test: it is the case `soak` of the bench.
      'no acknowledged heartbeat is lost with a crash': {
        'tests/chaos/heartbeats.test.ts': ['a server killed under heartbeats knows what it acknowledged, once'],
      },
      'events are what their schema says, and each heartbeat is told once, whoever restarts': {
        [telemetry('events/received')]: [
          'a range of the log is one event for each heartbeat, whatever was sent twice and whoever restarts',
        ],
        [telemetry('events/events')]: [
          'an id is a UUID of version 5, the same for the same and another for anything else',
          'what breaks its schema is told to nobody',
        ],
        [beating]: ['every event that was told is what its schema says'],
      },
    },
  },
]
