// What a server has to prove towards sensors (sensor-protocol 19), line by line.
// What operators see of it is fleet-lines.ts; what agents prove is agent-sees.ts and agent-does.ts.
import type { AcceptanceArea } from './acceptance-proofs.ts'

const wire = (path: string): string => `tests/wire/sensor-${path}.test.ts`
const observe = (path: string): string => `planes/observe/src/${path}.test.ts`

export const SENSOR_LINES: readonly AcceptanceArea[] = [
  {
    area: 'wire',
    lines: {
      'the routes answer under a path prefix and with a slash at the end': {
        [wire('transport')]: ['all four routes work with the endpoint ending in "${shape}"'],
      },
      'escaped slashes, any order of keys and keys nobody knows are taken': {
        [wire('transport')]: ['escaped slashes, keys in any order and unknown keys at every level are accepted'],
      },
      'a good reply has all it must have, in the forms that agents read': {
        [wire('transport')]: [
          'every 2xx reply has every required key with its type, [] for empty lists, whole numbers and strict base64',
        ],
      },
      'errors need no body, set nothing and lead nowhere': {
        [wire('transport')]: [
          'no cookie is set, nothing is redirected, and an error is a small JSON body whose sender need not read it',
        ],
      },
    },
  },
  {
    area: 'identity',
    lines: {
      'tokens that cannot be used are 401, keys that cannot are 400, and the certificate fits the key': {
        [wire('enroll')]: [
          'a bad, an expired, a revoked and an exhausted token give one and the same 401',
          'a key that is not P-256, or no key at all, gives 400 and costs no use',
          'the certificate pairs with the submitted key, is one leaf directly under the CA, and its base64 has no newline',
        ],
      },
      'the same key comes back as the same device, and a lost reply costs no second use': {
        [wire('enroll')]: [
          'enrolling twice with the same key returns the same deviceId with a fresh certificate',
          'the replay after a lost response does not burn a second use, and only for the same key',
        ],
      },
      'with certificates, everybody but the device itself is refused, and the token header means nothing': {
        [wire('credential')]: [
          'no certificate is refused',
          'a certificate of an unknown CA is refused, whatever it says',
          "another tenant's device is refused here, and ours there",
          'a body that names another device of the same tenant is refused',
          'the token header opens nothing and closes nothing',
        ],
      },
      'with the token, a wrong one and none are refused, in the same time': {
        [wire('credential')]: ['a wrong or missing token is refused'],
        'identity/src/directory/tls.test.ts': ['with a token instead of certificates, only the token counts'],
      },
      'a revoked device is 403 for ever, at little cost': {
        [wire('credential')]: [
          'a revoked device gets 403 on every protected route, on the open connection and on new ones, again and again',
          'the 403 is cheap: it comes before the body, and nothing is stored',
        ],
      },
    },
  },
  {
    area: 'configuration',
    lines: {
      'the whole bundle comes whatever is asked, and an empty one only when nothing is published': {
        [wire('config')]: [
          'the configuration is empty only while nothing is published, and complete whatever generation is named',
        ],
      },
      'a bundle has its three parts and stable bytes, and every error of an author is caught': {
        [observe('policy/bundle/compile')]: [
          'the published vector: 1474 bytes and their hash',
          'a bundle has exactly the three parts, and two keys of sync, whatever the document leaves out',
        ],
        [wire('config')]: [
          'a bundle has exactly watch, rules and sync, each complete, in canonical bytes that hash the same every time',
          'each authoring error is caught, with its line, and all at once',
        ],
      },
      'who has it is left alone, who has another is told, and who refuses it is no longer told': {
        [observe('sensor/decide')]: [
          'a sensor that has what is meant for it hears its own label back',
          'a sensor with another label is told of the one that is published',
          'after five hints in a row a sensor counts as refusing and is left in peace',
        ],
        [wire('config')]: [
          'a check-in echoes an equal generation and announces a different one until it was taken',
          'a device that never takes the bundle trips refusal detection: it is told to operators and left in peace',
        ],
      },
    },
  },
  {
    area: 'sync',
    lines: {
      'the golden events are taken and shown; what is broken is refused alone': {
        [wire('golden')]: [
          'golden vectors A to E are accepted and projected',
          'each broken event is rejected by itself while its neighbours are accepted, and its bytes are kept aside',
        ],
      },
      'a batch sent again is all duplicates and changes nothing': {
        [wire('sync')]: ['the retry of an identical batch returns all duplicates and changes nothing'],
      },
      'an id that comes with another content is a conflict': {
        [wire('sync')]: [
          'the same eventId with another ${what} yields duplicate_conflict and changes nothing',
          'two different events under one id in one batch: the first is kept, the second is a conflict',
        ],
      },
      'the watermark stands on no hole and goes no further than the batch': {
        [wire('sync')]: ['out of order, the watermark never covers a missing sequence and never exceeds the batch'],
        [observe('sync/decide')]: [
          'in any order, with repeats, gaps and lost databases: nothing twice, nothing lost, no watermark over a hole',
        ],
      },
      'sequences that begin again open an epoch': {
        [wire('sync')]: [
          'a restart at sequence 1 opens a new epoch, stores the events and does not return the old high-water mark',
        ],
      },
      'what is there already raises nothing, and findings are grouped': {
        [wire('sync')]: [
          'repeated additions of an active item raise no second alert; findings group by device, surface, item and rule',
        ],
      },
      'findings alone, critical ones, findings before their item and removals of the unknown are kept': {
        [wire('golden')]: [
          'bursts of nothing but findings, critical ones among them, are kept',
          'a finding may come before its item, or without it for ever',
          'the removal of an unknown item is recorded and shows nothing as present',
        ],
      },
      'large batches and a single huge event are taken, and more is 413': {
        [wire('sync')]: [
          'a body of 0.9 MB with 500 events and one of 12 MiB with a single event are accepted; over the guard gives 413',
        ],
      },
      'times that contradict each other a little are taken': {
        [wire('golden')]: [
          'observedAt later than collectedAt is accepted, and so is a millisecond between envelope and payload',
        ],
      },
      'who is slowed down loses nothing': {
        [wire('sync')]: [
          'throttling rejects nothing: what is undecided waits for retryAfterSeconds and is then delivered',
        ],
      },
    },
  },
]
