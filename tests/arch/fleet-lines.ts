// What the fleet's side has to prove (fleet-product 19), line by line, as far as it is built: access, joining, policies,
// findings as they are grouped, search, audit and retention. What devices hear of it is sensor-lines.ts.
import type { AcceptanceArea } from './acceptance-proofs.ts'

const identity = (path: string): string => `identity/src/${path}.test.ts`
const observe = (path: string): string => `planes/observe/src/${path}.test.ts`
const server = (path: string): string => `apps/server/src/${path}.test.ts`
const wire = (path: string): string => `tests/wire/${path}.test.ts`
const flow = (path: string): string => `tests/flow/${path}.test.ts`

export const FLEET_LINES: readonly AcceptanceArea[] = [
  {
    area: 'access',
    lines: {
      'every route opens to the roles of the table and to no other, and nothing of another tenant is there': {
        [server('fleet/fleet')]: [
          'the served routes are those of the contract',
          'every route is closed without a token and with a wrong one',
          'the role ${role} opens what its capabilities say, and is answered as documented',
          "another tenant's objects are not there, for reading and for writing",
        ],
        [wire('walk')]: [
          'every route of the contract has its row, and every row its route',
          "on the operators' listener: ${role}",
          "on the operators' listener: an owner of another tenant, to whom nothing here exists",
        ],
      },
      'what opens one listener opens nothing of the other, and trying it is on record': {
        [wire('walk')]: [
          'on the device listener: ${name}',
          "on the operators' listener: ${name}",
          'credentials at the wrong door are on record',
        ],
        'edges/http/src/api/api.test.ts': ['over TLS a device certificate without a token is refused and reported'],
      },
      'a token does no more than its maker could, and only where, for whom and as long as it was made for': {
        [identity('operators/decide')]: ['${name}: ${want}', 'handles ${name}: ${want}'],
        [identity('operators/operators')]: [
          'a token speaks with its role until it ends',
          'nobody makes a token above their own role, or under a name in use',
          'a token limited to networks opens from there only, also over a dual-stack socket, and elsewhere is noted',
          'the last use is written within a beat',
        ],
        [wire('group-walk')]: ['changes nothing beyond', 'finds what lies in the group, and no other name'],
      },
      'names of users and what may be secrets in what devices said are for those who may read details': {
        [observe('masking/mask')]: [
          '${name} shows details to who may read them, and to others no user and no secret',
          'raw events come without their bytes to who may not read details',
          'an export is masked as the search is',
        ],
        [observe('masking/decide')]: [
          'no query, no user of an address, no home and no named secret is left, whatever stands around it',
        ],
      },
      'a secret is in the one reply that hands it out, and in no other, no log, no database and no export': {
        [wire('secrets')]: [
          'the search would find what it seeks',
          'no secret is in the log, which says much at level debug',
          'no secret is in the database, or in any other file but those that keep keys',
          'no secret is in what doctor and config check print',
          'no secret is in a reply to a sensor',
          'a secret that is handed out is in the reply that does so, and in no other',
        ],
      },
    },
  },
  {
    area: 'enrolment and devices',
    lines: {
      'a token is for one use within a day; refusals look alike outside and are told apart in the history': {
        [identity('tokens/tokens')]: [
          'a token is for one use within a day unless told otherwise, and shown once',
          'revoking names the devices it let in, leaves them alone, and twice is once',
          '${maxUses} uses within ${expiresInSeconds} s give ${want} warnings',
        ],
        [identity('enroll/enroll')]: [
          'every refusal looks alike outside and is true in the audit history',
          'a one-use token under a hundred racing enrolments in two processes lets one in',
        ],
        [wire('sensor-enroll')]: ['a bad, an expired, a revoked and an exhausted token give one and the same 401'],
      },
      'one key is one device; who is merged is read under the other; host names merge nobody': {
        [identity('enroll/enroll')]: ['the same key is the same device, whichever form it comes in'],
        [identity('devices/devices')]: [
          'a merged device may not speak, and its id lives on under the other',
          'hosts that look alike are named as candidates, and nothing is merged',
        ],
        [flow('lives')]: ['what a device reported before it was wiped is read under the device that goes on'],
      },
      'silence, going dark, refusing a policy and being seen in part are shown': {
        [identity('devices/decide')]: ['silent for ${agoMs} ms is ${want}'],
        [identity('devices/devices')]: ['liveness is the same in a record, in a filter and in counts'],
        [identity('silence/silence')]: ['a device heard for days goes dark once, and comes back'],
        [identity('changes')]: [
          'a gateway that writes later what it heard earlier takes back neither the contact nor a day',
        ],
        [observe('sensor/decide')]: ['after five hints in a row a sensor counts as refusing and is left in peace'],
        [observe('exposure/decide')]: ['no match, surface seen in part'],
      },
      'a revoked device gets 403 everywhere within a second': {
        [identity('devices/devices')]: [
          'revoke, reactivate and retire bite at once and are recorded',
          'a revocation by another process bites without being asked for',
        ],
        [identity('directory/tls')]: ['revocation bites on the connection that is already open'],
        [wire('sensor-credential')]: [
          'a revoked device gets 403 on every protected route, on the open connection and on new ones, again and again',
        ],
      },
    },
  },
  {
    area: 'policy',
    lines: {
      'every kind of error is named with its place, all of them at once, and the published bundle has its hash': {
        [observe('policy/document/read')]: [
          'refuse: ${name}',
          'refuse: several faults of shape are reported together, in the order of the document',
        ],
        [observe('policy/document/validate')]: [
          'an unknown key at every level',
          'an unknown key in a rule',
          'bounds of ${path}: ${least} to ${most}',
          'every fault carries a message, and a document with faults is no document',
        ],
        [observe('policy/bundle/compile')]: ['the published vector: 1474 bytes and their hash'],
        [flow('cli/operator')]: ['every error of a policy is named with line and column, and nothing is saved'],
      },
      'what is only said about a policy makes no generation, going back does, and a bundle is always whole': {
        [observe('policy/publish')]: ['keeps the generation when only a comment changed'],
        [observe('policy/decide')]: ['equal bytes in a rollback'],
        [observe('policy/bundle/compile')]: [
          'a bundle has exactly the three parts, and two keys of sync, whatever the document leaves out',
        ],
      },
      'agents that would choke on a rule get the policy without it, and its author is told': {
        [observe('policy/bundle/compile')]: [
          'rules with foreign words are left out for agents that would choke on them, and listed',
        ],
        [observe('policy/directory')]: ['each kind is served the rules it knows'],
        [observe('policy/publish')]: ['is told to its author when it is checked'],
      },
      'those who have a policy, will have it, refuse it and said nothing are together all whom it reaches': {
        [observe('policy/read')]: ['counts adoption among the devices the policy reaches'],
      },
    },
  },
  {
    area: 'findings',
    lines: {
      'however often a rule hits an item on a device, it is one finding': {
        [observe('sync/sync')]: ['a finding is one row however often it is hit, and may come before its item'],
        [wire('sensor-sync')]: [
          'repeated additions of an active item raise no second alert; findings group by device, surface, item and rule',
        ],
      },
    },
  },
  {
    area: 'search',
    lines: {
      'each device of the incident lands in its verdict, and who could not say is listed with the reason': {
        [observe('exposure/exposure')]: ['puts every device of the incident into the right verdict, with its reason'],
        [observe('exposure/export')]: [
          'says the answer first, then every device: with its evidence, or with the reason why there is none',
        ],
        [flow('incident')]: [
          'every device lands in its verdict, and all five are counted',
          'a terminal shows the counts, and lists who could not say with the reason',
        ],
      },
      'a first scan says "at or before"; a bump is two intervals; any order of arrival gives the same ones': {
        [flow('incident')]: ['intervals say from when to when, and a first scan says "at or before"'],
        [observe('sync/sync')]: [
          'a version bump on one item is two intervals, and a removal closes the last',
          'in whatever order and however often events arrive, the intervals are those of the order they happened in',
        ],
        [observe('inventory/decide')]: [
          'in whatever order events arrive, and whenever lives end, the intervals are those of the plain model',
        ],
      },
      'the answer stays right once raw events are gone': {
        [flow('incident')]: ['the answer is the same once raw events have been purged'],
      },
    },
  },
  {
    area: 'audit and retention',
    lines: {
      'the published hashes hold; an edit, a loss or a gap is found at its number; many writers leave no gap': {
        'ledger/src/chain/verify.test.ts': [
          'the hashes are those of fleet-product 17',
          'any one entry taken out of the middle, or any two changed over, is found where it was',
        ],
        'ledger/src/history/history.test.ts': [
          'concurrent writers of two tenants make gapless chains, whoever fails in between',
          'the database refuses to change, lose or empty what was recorded',
          '${name} behind the back of the triggers is found at its number',
        ],
        [flow('cli/operator')]: [
          'the audit history is listed, exported, verified without the server, and tampering is found',
        ],
      },
      'signing in, being refused and coming from a new address are on record': {
        [server('fleet/session')]: ['a wrong token is refused, and every sign-in is on record with where it came from'],
        [identity('refusals')]: ['the first attempt is told at once, the rest of the minute as one count'],
        [identity('operators/addresses')]: [
          'the first use of a token is on record with its address before it is answered',
          'a new address is on record once, however many requests and servers hear it at the same time',
        ],
      },
      'a purge heeds holds, says how much went and leaves what is open; shortening waits a day': {
        [observe('retention/retention')]: [
          'each tenant keeps what it set; a tenant or a device on hold keeps everything',
          'findings go when they were resolved long enough ago, and stay while they are open',
        ],
        [server('retention/decide')]: ['whatever is asked for, nothing gets shorter within a day of being asked'],
        [server('retention/retention')]: [
          'old dead letters go, young ones stay, and the audit says how many went',
          'what a hold covers stays until the hold is released, and placing and releasing are recorded',
        ],
        [wire('legal-hold')]: [
          'the data of a device on hold cannot be deleted; without the hold it goes, and is counted no more',
        ],
      },
      'the chain goes on over a purge and is vouched for by it': {
        'ledger/src/retention/retention.test.ts': [
          'what is older goes, the purge is recorded, and the rest is verified from the checkpoint',
          'nothing old enough leaves nothing behind, not even a record',
        ],
      },
    },
  },
  {
    area: 'whole',
    lines: {
      'nothing that is said to a sensor can make its machine run, fetch, block or edit anything': {
        'contract/src/sensor.test.ts': ['all that a server can say to a sensor is this'],
      },
    },
  },
]
