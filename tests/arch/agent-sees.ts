// What the agent has to prove of what it sees (sensor-agent 18), line by line, and the tests that prove it: configuration
// and collectors. What it does with that is agent-does.ts.
import { type AcceptanceArea, agent, collect, observe } from './acceptance-proofs.ts'

const off = 'without ${off} only its own items are missing'
const all = 'with everything on, everything is seen'

export const AGENT_SEES: readonly AcceptanceArea[] = [
  {
    area: 'configuration',
    lines: {
      'sections and keys that are left out have their defaults, and one key that is set moves no other': {
        [agent('configuration/configuration')]: [
          'without a file everything has its default',
          'a section with one key keeps the defaults of all others, and null is a key that is not there',
        ],
      },
      'every surface takes its own settings, and a home scan may be told in part, down into its budget': {
        [agent('configuration/sections')]: [
          'the section ${name} takes what it is told, and keeps every other default',
          'a home scan that is told one thing keeps the rest, down into its budget',
        ],
        [agent('configuration/tool-sections')]: [
          'every path an owner names is made absolute, and roots of its own widen the ceiling',
        ],
      },
      'times, freshness, retention and sync are read, and a koban.yaml may leave out protocol and interval': {
        [agent('configuration/sections')]: ['the section ${name} takes what it is told, and keeps every other default'],
        [agent('configuration/beginnings')]: ['a koban.yaml works as it is, under its own name'],
      },
      'a rule may leave out what has a default, must name what its match needs, and may look at what is there': {
        [agent('configuration/sections')]: [
          'a rule that leaves out what it may is enabled and looks at what is new or changed',
          'a rule that leaves out what its match needs is refused, whichever that is',
          'rules of every match, what is there and what is critical among them, survive being written as ${language}',
        ],
      },
      'settings, the first file and rules of every match survive being written down and read': {
        [agent('configuration/sections')]: [
          'rules of every match, what is there and what is critical among them, survive being written as ${language}',
          'the keys of project folders lie flat under watch, and an empty list is not an absent one',
        ],
        [agent('configuration/configuration')]: ['TOML says the same as YAML'],
      },
      'the file that is shipped says exactly the built-in defaults': {
        [agent('configuration/beginnings')]: [
          'the first file equals the built-in defaults, as it is and with its comments taken away',
        ],
      },
      'a file that is too large is not read, and its size is told beside the limit': {
        [agent('configuration/last-good')]: [
          'a file that has outgrown the limit is not read: the last good one serves, and both numbers are told',
        ],
        [agent('configuration/configuration')]: ['more than a megabyte', 'refused with its place: ${name}'],
      },
      'the first file is written only where there is none, and a failure writes nothing': {
        [agent('configuration/beginnings')]: [
          'a missing file is written with its folders, one that is there is left alone, and a failure is told',
        ],
      },
      'an edit by its owner is adopted, and what the agent writes itself is not taken for one': {
        [agent('configuration/beginnings')]: [
          'only edits that mean something begin anew; a token that has served does not, one that is new does',
          'an edit is noticed once for a burst, also when the file is put in place by a rename',
        ],
        [agent('main')]: [
          'an edited configuration takes effect while it runs, a broken one does not, and the last good one starts it',
        ],
      },
      'a new beginning during another follows it, and a broken file leaves the last good one in force': {
        [observe('engine/engine')]: [
          'of starts that ask while another is being carried out, the last one lives, and only it',
        ],
        [agent('configuration/beginnings')]: [
          'a file that breaks is replaced by the last one that was good, wherever it breaks',
        ],
      },
    },
  },
  {
    area: 'collectors',
    lines: {
      'what is not there gives no items and no issues, on any surface': {
        [collect('fence-packages')]: [
          'a scan of packages opens exactly the files that say something, and asks for nothing outside its places',
          'links, includes, workspaces and hard names lead a scan of packages nowhere',
        ],
        [collect('config-collectors')]: ['an empty home is no items and no issues on every surface'],
        [collect('fence')]: ['the same when nothing is there: no other place is even asked for'],
      },
      'a scan stops where it is when it is told to, in every reader, walk and search': {
        [collect('config-collectors')]: ['every surface stops when it is told to'],
        [collect('collect')]: ['a stopped walk rejects with the reason of the stop'],
        [collect('agent-config/search')]: ['a stopped search rejects with the reason of the stop'],
        [collect('javascript-packages/javascript-packages')]: ['a scan that is stopped says why'],
        [collect('homebrew/homebrew')]: ['a stopped scan says why'],
      },
      'a search of a file is an issue, and its budgets of files, entries and time end it and keep what was seen': {
        [collect('agent-config/search')]: [
          'a missing folder is nothing, also below a file; a file in its place is an issue',
          'exactly at a limit everything is seen, one more ends the search with an issue',
          'time ends a search only when it is exceeded',
        ],
      },
      'a hash is that of all bytes and always the same, and a file that is too large has none': {
        [collect('door')]: [
          'a hash is that of all bytes, over as many pieces as it takes, and always the same',
          'a gigantic file is refused by its size alone',
        ],
      },
      'a listing is sorted, holds folders only, and ends at its limit with a reason': {
        [collect('installed/list-folder')]: [
          'folders are listed by name; files, links and hidden folders are not',
          'exactly the limit of entries is seen, one more ends the listing with a reason',
        ],
      },
      'taking comments out of JSON leaves the texts in it as they are': {
        [collect('jsonc')]: [
          'JSON without comments is left as it is, byte for byte',
          'whatever is put between the parts of a JSON text, its value stays',
        ],
        [collect('disclosure/disclosure')]: ['JSON: what stands in a string is left as it is'],
      },
    },
  },
  {
    area: 'homebrew',
    lines: {
      'formulae and casks have version, tap and whether they were asked for; one name under two prefixes is two items':
        {
          [collect('homebrew/homebrew')]: [
            'formulae and casks come with their versions, taps and whether they were asked for',
            'one name under two prefixes is two items, and a prefix that is not there is nothing',
          ],
        },
      'a receipt that cannot be used is an issue and keeps its package; a file in the place of a folder is an issue': {
        [collect('homebrew/homebrew')]: [
          'a receipt that is malformed or too large is an issue, and the package stays',
          'a Cellar or Caskroom that is a file is an issue, and what was known of it still stands',
        ],
      },
    },
  },
  {
    area: 'claude',
    lines: {
      'servers are told by command or address, and environment, headers and helpers never appear anywhere': {
        [collect('agent-config/mcp-servers')]: ['MCP entry: ${name}'],
        [collect('secrets')]: ['what is planted wherever a secret fits is found nowhere'],
      },
      'settings, permissions, hooks and plugins of every shape are told, a plugin under several keys once': {
        [collect('claude-config/claude-config')]: [
          all,
          'plugins are named by keys, by members, and by the mapping a newer file has',
          'a plugin named under several keys is one, and permissions are told by what they are',
        ],
      },
      'projects give servers, commands, skills and instructions; agents are found at every depth, commands at the top only':
        {
          [collect('config-collectors')]: [
            'every file of the home becomes exactly the items, with exactly the ids, that it should',
          ],
        },
      'editing a settings file changes its items': {
        [collect('claude-config/claude-config')]: [
          'editing a settings file changes the detail of every one of its items',
        ],
      },
      'a malformed file is one issue and keeps what others say': {
        [collect('claude-config/claude-config')]: [
          'malformed and oversized files are one issue each, keep the others, and hold what was known of them',
        ],
      },
      'a switch takes away its own kind only; a broken link and a spent limit are issues that keep the rest': {
        [collect('claude-config/claude-config')]: [
          off,
          'a broken link among agents or commands is an issue, and the others are kept',
          'the listing of agents ends at its limit with an issue and keeps what it saw',
        ],
      },
      'an instruction without a hash is kept with an issue': {
        [collect('claude-config/claude-config')]: [
          'an instruction that cannot be hashed is kept without a detail, with an issue',
        ],
      },
    },
  },
  {
    area: 'other coding tools',
    lines: {
      'codex: profiles, servers, hooks, rules and skills; what is malformed or too large has no profile and keeps the rest':
        {
          [collect('codex-config/codex-config')]: [
            off,
            'a malformed or oversized configuration has no profile either, and the rest is kept',
            'a malformed or oversized hooks file is one issue and keeps the rest',
            'inline hooks: ${name}',
          ],
        },
      'codex: profiles are matched in order and within a limit, and the system is looked at only where its owner agreed':
        {
          [collect('codex-config/codex-config')]: [
            'profiles are found by their pattern, sorted, afresh at every scan, and the user file is not told twice',
            'the listing of profiles ends at its limit with an issue',
            'a profile pattern in what is no folder is an issue of the scan',
            "the machine's own configuration is read and watched only where the owner opted in",
          ],
        },
      'cursor: servers, rules of both ages and instructions, whatever is wrong with one of them': {
        [collect('cursor-config/cursor-config')]: [
          'with everything on, everything is seen, and servers of single projects are not',
          'malformed or oversized servers are one issue and keep the rules',
          'legacy rules that cannot be hashed are kept without a detail',
        ],
      },
      'opencode: profiles outlive what is wrong with them, managed ones count where agreed, commands may be lists': {
        [collect('opencode-config/opencode-config')]: [
          all,
          off,
          'of a malformed file the profile is kept with its hash, of an oversized one without',
          'a managed document is a profile and is not parsed, and only where the owner opted in',
        ],
        [collect('agent-config/mcp-servers')]: ['a command as a list'],
      },
      'pi: servers, imports, settings and extensions, whatever is wrong with one of them': {
        [collect('pi-config/pi-config')]: [
          'with everything on, everything is seen, and what an extension depends on is not',
          'malformed and oversized files are one issue each and keep the packages',
        ],
      },
    },
  },
  {
    area: 'packages',
    lines: {
      'every lockfile is read by its own manager, a shrinkwrap shadows its neighbour, a broken file is one issue': {
        [collect('real-lockfiles')]: ['${name} names what others read in it', 'every format is among them'],
        [collect('what-stands')]: [
          "${path} that is ${ways.join(' or ')} now is an issue, and what was known of it stands for ten minutes",
        ],
        [collect('javascript-packages/javascript-packages')]: [
          'all lockfiles are read, each by its own manager, in the order of identities',
          'a shrinkwrap shadows the lockfile beside it and no other',
          'a malformed file is one issue, keeps the others, and is known to be unseen',
          'a file above 25 million bytes is one issue, and one of exactly that size is read',
        ],
        [collect('javascript-packages/npm-lockfile')]: ['npm lockfile: ${name}'],
      },
      'two versions of a package are two items, and stay two without being told again': {
        [collect('javascript-packages/javascript-packages')]: ['two versions of one package are two items'],
        [observe('scan/scan')]: ['two versions of one package stay two rows, and scanning again tells nothing'],
      },
      'python: each file has its kind and origin, and a dependency named in several sections is one': {
        [collect('python-packages/python-packages')]: [
          'each file gives items of its kind and origin, and one dependency in several sections is one item',
          'includes are followed from where they are written, constraints keep their kind, circles end',
        ],
      },
      'includes end at their limits with an issue; other line ends, newer formats and peers are understood': {
        [collect('python-packages/python-packages')]: [
          'an include that is too large is one issue, and the rest is read',
          '250 files are included and no more',
          'includes are followed sixteen files deep and no deeper',
        ],
        [collect('javascript-packages/fixtures')]: ['${name} says the same with the line ends of Windows'],
        [collect('javascript-packages/yarn-lockfile')]: ['yarn lockfile: ${name}'],
        [collect('javascript-packages/bun-lockfile')]: ['bun lockfile: ${name}'],
        [collect('javascript-packages/pnpm-lockfile')]: [
          "pnpm lockfile: the key ${key} is ${want.join() || 'no package'}",
        ],
      },
      'a walk keeps to depth, names and budgets, tells what it could not see, and survives any home': {
        [collect('spent-budgets')]: ['${surface} without ${of} left: an issue, and nothing is removed'],
        [collect('unreadable-home')]: [
          '${what} unreadable: nothing that was known is removed or told otherwise for ten minutes',
        ],
        [collect('collect')]: [
          'files in a folder at the greatest depth are seen, folders below it are not entered',
          'wanted files are found in order, hidden folders included, excluded ones not',
          'a missing root is nothing, a file as a root is an issue',
          'a place that cannot be inspected is an issue and the rest is seen',
          'the folder budget ends the walk with an issue, and names what was not seen',
          'the file budget passes exactly its number and no more',
          'the time budget ends the walk only when it is exceeded',
        ],
        [collect('adverse-home')]: [
          'a home full of links, loops, pipes, unreadable and gigantic files is scanned to its end, and what is sound is found',
        ],
      },
    },
  },
]
