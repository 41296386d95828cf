// What the telemetry lane of the agent has to prove (telemetry 24), line by line, and the tests that prove it.
// What the platform has to prove is telemetry-lines.ts.
import { type AcceptanceArea, agent } from './acceptance-proofs.ts'

const lane = (path: string): string => agent(`lanes/telemetry/${path}`)
const program = agent('main-telemetry')

export const TELEMETRY_AGENT_LINES: readonly AcceptanceArea[] = [
  {
    area: 'agent',
    lines: {
      'files are private from the moment they are made, also where two entries of a list say so': {
        [lane('lane')]: [
          'files are private whatever the account’s habit is',
          'a key that others can read is made private before it is used',
        ],
        [agent('folder/data-folder')]: ['it is made with all above it, and only its owner may look into it'],
        [agent('folder/windows-acl')]: ['the system’s own agent leaves two entries and inherits none'],
      },
      'the token goes with a success and stays with a failure, comments stay, and a crash in between heals': {
        [lane('lane')]: [
          'an enrolment answered with ${status} ends the lane, and the token stays',
          'after a restart it is the same agent; a token left by a crash between the two writes goes',
        ],
        [agent('configuration/configuration')]: ['spending a token keeps the rest of the file and its mode'],
        [agent('configuration/token-keeper')]: ["the token ${isSpent ? 'goes' : 'stays'}: ${name}"],
        [program]: ['killed between the two writes, it wakes up as the same agent and takes the token away'],
      },
      'a minute with jitter unless the server says otherwise, one request at a time, and promptly after sleep': {
        [agent('configuration/telemetry-section')]: ['bounds, default and classes are those of the wire'],
        [lane('pace')]: [
          'a server’s interval is taken, within bounds, and only if it is a number',
          'an interval is spread by a tenth either way',
          'a machine slept when far more time passed than was waited for, on either clock',
        ],
        [lane('lane-beats')]: [
          'the server’s interval is obeyed, start to start',
          'a machine that woke up says so soon, and not when the interval is over',
        ],
      },
      'backing off grows to five minutes with full jitter, heeds Retry-After, begins anew, and never ends': {
        [lane('pace')]: [
          'backing off grows to five minutes with full jitter, and is never shorter than a second',
          "Retry-After ${header ?? 'left out'} is ${want} ms",
        ],
        [lane('lane-beats')]: ['without answers it backs off, heeds Retry-After, and starts anew after a success'],
      },
      '401 and 403 end it with 4 and a marker, no manager starts it again, and nothing else ends it': {
        [lane('lane-beats')]: [
          'a ${status} ends the lane for good: a marker, nothing deleted, nothing sent any more',
          'no other status ends it, and redirects are not followed',
        ],
        [program]: ['a rejected device ends with 4, again without a word to the server, until a person lets it speak'],
        [agent('service/plan')]: ['whoever the server refused for good is not started again, by any manager'],
      },
      'signals end it at once with 0, whatever hangs': {
        [program]: ['${signal} ends it with 0, also while a request hangs'],
        [lane('lane-beats')]: [
          'it stops at once while the server keeps it waiting',
          'it stops at once while a fact hangs',
        ],
      },
      'redirects are not followed, and nothing switches the check of the server off': {
        [lane('lane-beats')]: ['no other status ends it, and redirects are not followed'],
        'edges/http/src/client/client.test.ts': ['a variable of the environment has nobody believed who would not be'],
        [agent('configuration/configuration')]: ['an address without https'],
      },
      'the log of a whole life tells no secret': {
        [lane('lane')]: ['nothing secret is in the log of a life from the first exchange to the last refusal'],
        'tests/flow/two-planes.test.ts': ['none of its secrets is in a log, on either side'],
      },
      'all eleven facts are there on three systems, and one that hangs holds nothing up': {
        [lane('facts/collect')]: [
          'this very computer has all its facts, and no errors',
          'a fact that hangs is given up, and not asked for again until it has answered',
          'everything hangs: the collection ends all the same, with a reason for each',
        ],
        [lane('facts/macos-texts')]: ['memory that programs could have, in pages of the size that is told'],
        [lane('facts/windows-texts')]: ['the version with its revision, under the name people know'],
        [lane('facts/linux-texts')]: ['memory: what is available is not used'],
      },
    },
  },
]
