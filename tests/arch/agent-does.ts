// What the agent has to prove of what it does (sensor-agent 18), line by line, and the tests that prove it: changes, rules,
// storage, the conversation, and the engine. What it sees is agent-sees.ts.
import { type AcceptanceArea, agent, observe } from './acceptance-proofs.ts'

export const AGENT_DOES: readonly AcceptanceArea[] = [
  {
    area: 'changes and rules',
    lines: {
      'added, removed and modified are told apart within a surface and kind, and another order is no change': {
        [observe('diff/decide')]: ['what the changes say, applied to what was, is what is'],
        [observe('scan/scan')]: ['a later scan tells only what changed'],
      },
      'a rule fires where it should and nowhere else, with its evidence': {
        [observe('rules/decide')]: [
          'hits come by change, then by rule; a removal is judged by what vanished',
          'whatever the rule and the items: no throw, one order, nothing from a rule that may not fire, and nothing twice',
          'the built-in rules find a fetch through a shell, and new servers and helpers on every surface of tools',
        ],
      },
      'every match, field and flag means what the language says': {
        [observe('rules/decide')]: [
          'match: ${name}',
          'what contains a needle still contains it in other letters, and a longer list of needles finds no less',
        ],
        'contract/src/rules/fields.test.ts': ['field: ${name}', 'flag: ${name}'],
      },
      'the built-in rules are the published ones, on every surface they are for': {
        'contract/src/rules/built-in.test.ts': [
          '${id} is the published rule',
          'there are 64, all enabled, each id once per surface, each with a title and a rationale',
        ],
      },
      'what is there is told once: on a first scan too, on what did not change, and not again after pruning': {
        [observe('rules/decide')]: [
          'rules for what is there fire on unchanged items, once, and never again for what was told',
        ],
        [observe('scan/findings')]: [
          'a baseline is silent but for what rules find in what is there',
          'what is there is told once: not at the next scan, not after pruning, but again when it comes back',
        ],
      },
      'severities are ordered, and the worst is told first': {
        [agent('status/decide')]: [
          'the verdict is "${want}" with ${facts.surfaces.map(({ state }) => state).join() || \'nothing\'}',
        ],
      },
    },
  },
  {
    area: 'persistence',
    lines: {
      'a scan is committed whole or not at all, and only what differs is written': {
        [observe('deeds')]: [
          'at the ${at.kind}, number ${at.nth}: it has not happened, and done again it ends as if nobody had died',
          'there is no table that none of these deeds writes to, and every death that is asked for has its write',
        ],
        [observe('scan/scan')]: [
          'a commit that fails in its middle leaves inventory, events and numbers as they were',
          'only what differs is written: one new row, one changed, one deleted',
        ],
        [observe('scan/findings')]: [
          'a commit that fails leaves inventory, feed, findings, outbox and what was told as they were',
        ],
        [observe('scan/kill')]: [
          'killed at an ${write} of ${table}, a scan has not happened, and the next tells everything once',
        ],
      },
      'a first scan stores inventory, mark and health, and retention prunes within a scan': {
        [observe('scan/scan')]: ['the first scan stores everything and tells everything, numbered without a gap'],
        [observe('scan/findings')]: [
          'retention keeps the newest of each within the scan, zero none, and a negative number all',
        ],
      },
      'the database is kept for many readers, tidied at the end, and asked through indexes': {
        [observe('database/queries')]: [
          'the journal is written ahead, every commit is on the disk, and a clean stop leaves one file',
          'beside the writer several may read, each one moment as long as it reads',
          '${name} is found through an index, without sorting',
        ],
      },
      'only a damaged file is made anew': {
        [agent('main-damage')]: [
          'a database that is ${name} is made anew, and everything told again under new numbers',
          'a database that cannot be opened is left alone, and opened as soon as it can be',
        ],
        [observe('database/open')]: [
          'a file that is no database is made anew',
          'damage inside the file is found after a stop that was not clean',
          'any other fault is told and destroys nothing',
          'a transaction that fails leaves nothing, and the next one works',
        ],
      },
      'lists are of one moment, bounded, ordered and stable, and searched by the beginnings of words as things are now':
        {
          [observe('feed/store')]: [
            'the newest of many changes come first, as many as were asked for, ties always in one order',
            'how many findings there are is counted by severity, and none are none',
            'words narrow what is listed: each begins a word of some column, in any case, and stands for nothing but itself',
            'a surface narrows what is listed, and how many there are is told whatever is shown',
          ],
          [observe('inventory/store')]: [
            'items come by name, path and kind, whatever their case, and whole',
            'name, path, kind, version and origin are searched, as they are after the last change',
          ],
          [agent('main-lists')]: [
            'what was found, what changed and what rules found are listed without any server, for people and for programs',
            'what is not shown is told beside the list, and so is that there is none',
          ],
        },
    },
  },
  {
    area: 'outbox and sync',
    lines: {
      'a scan queues events, then findings, numbered and hashed; without a recipient it queues nothing': {
        [observe('scan/findings')]: [
          'a scan tells changes, then findings of changes, then findings of what is there; all at one moment',
          'without anybody to tell, findings stay here',
        ],
        [observe('outbox/store')]: ['event ids are version 4 UUIDs in upper case, and hashes are those of the payload'],
        [observe('scan/scan')]: ['before enrolment nothing is queued; afterwards everything is told once'],
      },
      'a first scan queues every item as added, and what is there once': {
        [observe('scan/scan')]: ['the first scan stores everything and tells everything, numbered without a gap'],
        [observe('scan/findings')]: ['a baseline is silent but for what rules find in what is there'],
      },
      'waiting, acknowledged and rejected events are kept apart, by device, time and number': {
        [observe('outbox/store')]: [
          'numbers start at one for each device and have no gap',
          'what waits for its time is not due before it',
          'an acknowledgement counts for the device that the event belongs to, and for nobody else',
          'what was refused for good is kept with the reason, and never due',
        ],
      },
      'a mixed answer is applied event by event': {
        [observe('sync/sync')]: [
          'an answer with a watermark, an acceptance and a rejection settles each event, and nothing is left to do',
        ],
        [observe('sync/decide')]: ['the fate of an event: ${name}'],
        'tests/wire/recorded-backend.test.ts': [
          'tells an event again, byte for byte, until it is decided: undecided, 413, 500, no JSON, and a rejection that means later',
        ],
      },
      'a failed batch waits as long as it deserves and comes again': {
        [observe('sync/sync')]: [
          'a request that fails is told, and its events are due again after the first wait, tried once',
        ],
        [observe('lane-clock')]: ['put ${name}, the clock keeps nothing waiting that was to be tried again'],
        [observe('sync/decide')]: [
          'a batch that failed waits as long as its most tried event deserves, and never longer than the cap',
        ],
        [observe('lane')]: ['a lost answer is answered by the same events again, and nothing is doubled'],
      },
      'with nothing to send it checks in with the configuration in force, and heeds both hints': {
        [observe('sync/sync')]: [
          'with nothing to send it says which policy is in force and that nothing waits, and hears what is offered',
        ],
        [observe('lane')]: [
          'a policy is fetched, obeyed, reported, and survives a restart without the server',
          'asked for everything, it really sends everything again',
        ],
      },
      'path, method, headers and payload are those of the protocol, to the byte': {
        'tests/wire/recorded-backend.test.ts': [
          'enrols once, shows its certificate from then on, and takes a configuration that says nothing',
        ],
      },
      'golden bytes, crashes, foreign devices, rejections that mean later, bounds, resnapshots and long backlogs': {
        [observe('sync/sync')]: [
          'a large backlog leaves at once, twenty batches to a tick and in its order, and a check-in comes when all is gone',
        ],
        'tests/flow/agent-and-server.test.ts': [
          'an agent killed while it joins, scans and tells loses and doubles nothing (seed ${seed})',
          'a server killed under a running agent loses and doubles nothing (seed ${seed})',
          'a network that is pulled, or swallows what is said, and is put back costs nothing',
        ],
        'tests/flow/agent-tells-again.test.ts': [
          'asked for everything, the agent tells everything again, once, and nothing is there twice for it',
        ],
        'tests/chaos/agent-disk.test.ts': [
          '${name}: the agent lives, says so in one line, and tells everything once as soon as the disk is well',
          'the power is cut under the agent, again and again: nothing is lost, nothing doubled',
        ],
        'contract/src/payload.test.ts': [
          'golden vector ${name} is read',
          'golden vector ${name} is written, to the byte',
        ],
        [observe('outbox/store')]: [
          'what was on its way when the program ended is due again, as often tried as before',
          'a watermark acknowledges what was sent and leaves alone what never was',
          'the bound drops the oldest inventory first and findings last',
        ],
        [observe('lane')]: ['what the server leaves undecided comes again, and a large backlog leaves in one go'],
        [agent('main')]: ['kill -9 at any moment loses nothing and doubles nothing'],
        'tests/wire/recorded-backend.test.ts': [
          'obeys a bundle, never again sends what was rejected for good, and sends everything again when it is asked to',
        ],
      },
    },
  },
  {
    area: 'enrolment and policy',
    lines: {
      'joining comes first, the configuration next, and only watch, rules and batch sizes are taken from it': {
        [observe('lane')]: ['a machine joins with its token, tells all it has, and keeps its secrets to itself'],
        [observe('policy/decide')]: ['nothing but watch and batch sizes is taken from a bundle'],
      },
      'who is enrolled stays who it is, whatever comes of the configuration': {
        [observe('lane-policy')]: [
          'a first policy that cannot be fetched costs no identity and no scan, and is in force once it can be',
          'who has joined before and cannot fetch its policy stays who it is, with the policy it has or its own settings',
          'a bundle that is empty changes nothing, whatever its label: neither the settings nor a policy in force',
        ],
        [agent('main-files')]: [
          'killed right ${when} the ${nth}. file takes its place, leaves a device that tells everything once',
        ],
        [observe('lane')]: ['after a restart it is the same device and tells nothing twice'],
        'tests/wire/recorded-backend.test.ts': [
          'enrols once, shows its certificate from then on, and takes a configuration that says nothing',
        ],
      },
      'a bundle that cannot be read changes nothing and is not reported': {
        [observe('policy/decide')]: ['a bundle is refused whole: ${name}'],
        [observe('lane')]: [
          'a policy that cannot be read changes nothing, is not reported, and is not fetched for ever',
        ],
      },
      'certificates are taken in every form, and the public key goes out in one': {
        [observe('enroll/leaf')]: [
          'a certificate is taken as ${name}',
          'what is no certificate, and one for another key, is refused',
        ],
        [agent('folder/device-key')]: [
          'the public key goes out as PEM: armour first and last, lines of 64 columns, a P-256 key and nothing more',
        ],
      },
      'the certificate is shown to the server it is for, once there is one, and to no other': {
        'tests/wire/recorded-backend.test.ts': [
          'enrols once, shows its certificate from then on, and takes a configuration that says nothing',
        ],
        [observe('lane')]: ['an enrolment with one server is not used with another'],
      },
      'a server in its development mode is shown the shared token, and enrolling counts for more than a name': {
        [observe('lane-token')]: [
          'a device that is named uploads and checks in under that name, and asks for no policy and no certificate',
          'a device that enrols says the token beside its certificate, and never while it enrols',
          'without a token none is said, and a name without a token names nobody',
        ],
        [observe('enroll/decide')]: ['no identity but the owner’s word', 'an identity outweighs both'],
      },
      'a reset forgets the enrolment and nothing else, and says what came of joining again': {
        [agent('main')]: [
          'enroll joins once, says so, and status and reset know of it',
          'a token the server refuses ends enroll with exit code 3, a server that is away with 1',
        ],
        [observe('lane')]: ['a new identity starts its numbers at one and tells everything as its own'],
      },
      'how the conversation stands is one word, the first that holds': {
        [agent('status/decide')]: ['a conversation that is ${want}: ${JSON.stringify(facts.outbox)}'],
      },
    },
  },
  {
    area: 'engine',
    lines: {
      'what fails or takes too long degrades and keeps; success heals; a stop changes nothing; issues commit': {
        [observe('scan/scan')]: [
          'a scan that takes too long is given up, degrades its surface and keeps what was known; the next one heals it',
          'a scan that fails changes the health and nothing else',
          'a failure that cannot even be recorded is told together with its cause, and ends nothing',
          'a scan that is cancelled changes nothing at all',
          'issues leave the surface degraded, and what was seen is committed',
        ],
      },
      'health remembers the last success and the last word of the watcher, and turns stale to the millisecond': {
        [observe('scan/health')]: [
          'a scan that went well tells when it was, how long it took, and how much was added, modified and removed',
          'a scan that failed tells when and why, and leaves the last success and all that was counted at it',
        ],
        [observe('scan/scan')]: [
          'what the watcher complained of degrades a surface, says nothing of scans, and outlives a scan that heals it',
        ],
        [agent('status/decide')]: ['a surface that is ${want}: ${name}'],
      },
      'paths to watch are cleaned and told apart by surface, and what cannot be told concerns all': {
        [observe('watch/points')]: [
          'a folder is watched once, whether one wish leads to it or trees above it, files in it and other surfaces too',
        ],
        [observe('watch/decide')]: [
          'paths are cleaned, sorted, each once, and counted for each surface',
          "a change at ${path} concerns ${want.join(' and ') || 'nobody'}",
          'merging signals loses no surface and no file, and keeps the worse reason, in any order',
        ],
      },
      'a burst of signals has one handler, loses no surface and keeps the worst reason': {
        [observe('engine/scheduler')]: [
          'a burst of signals keeps one handler, loses no surface, and keeps the worst reason',
        ],
      },
      'scans of a surface take turns, the newest request is run, a stop releases all who wait': {
        [observe('engine/scheduler')]: [
          'requests during a run become one run of the newest, and the rest are counted',
          'surfaces run beside each other, and a storm never holds more than one run and one waiting',
          'cancelling drops what waits, releases who waits, and lets what runs end',
        ],
      },
      'who looks beside a running agent sees one moment of it, and the last good state after a fault': {
        [observe('database/queries')]: ['beside the writer several may read, each one moment as long as it reads'],
        [agent('main')]: ['explain says what is read, what was sent and what would be, and doctor what is wrong'],
      },
      'thirty lives leave nothing behind, what is over wakes nobody, and a beginning scans all at once': {
        [observe('engine/engine')]: [
          'thirty starts and stops leave nothing running, and the thirty-first works as the first did',
          'what changes on the disk is scanned while the engine lives, and wakes nobody once it is stopped',
          'a start scans all surfaces beside each other, tells of each, and is done when all are',
          'a stop while everything is scanned leaves every health as it was, and a start after it begins at once',
        ],
      },
      'a home is searched for signals within its budget, and off is nothing': {
        [observe('watch/watcher')]: [
          'signals in a home become wishes of the surfaces they may concern, pruned folders left out',
          'home signals: off is nothing, unfiltered is the whole root, a missing root and a spent budget are issues',
        ],
        [observe('watch/decide')]: ["${path} may concern ${want.join(' and ') || 'nobody'}"],
      },
      'as many files may be open as the system allows': {
        [agent('main')]: [
          'run may open as many files as the system lets it, whatever the shell it comes from allows by default',
        ],
      },
      'what reads the same is one line, the newest of its kind, where the first of it stood': {
        [observe('feed/decide')]: [
          'what reads the same is one line: the newest stands for all, where the first of them stood',
        ],
      },
    },
  },
]
