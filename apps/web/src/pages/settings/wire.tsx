// What crosses the wire: what agents send, what is kept of it where, what is never read, and what an answer cannot know.
// The same is told on each machine by `muster-agent explain`.
import { Card } from '../../parts/blocks.tsx'

const crossings: readonly (readonly [when: string, what: string, kept: string])[] = [
  [
    'At enrolment, once',
    'the enrolment token, a public key, host name, version of the system, model of the hardware, version of the agent',
    'with the device; the token only as a digest; the private key never leaves the machine',
  ],
  [
    'At every check-in',
    'id of the device, version of agent and system, the policy in force, how many events and bytes still wait',
    'the latest with the device',
  ],
  [
    'When something was added, changed or removed',
    'surface, kind, name, version, path, origin, detail and a few flags of the item; when it was seen',
    'as sent under raw events; as presence for searches',
  ],
  [
    'Of an MCP server',
    'its name, program, arguments and URL as they are written there, and whether a helper makes its headers',
    'like every item; a secret among the arguments would be seen here',
  ],
  [
    'Of instructions, rules, skills, agents, commands, plugins',
    'the path and the SHA-256 of the file',
    'like every item; never the text',
  ],
  [
    'When a rule matched',
    'the rule, its title and rationale, the item, its path, and the field and value that matched',
    'as a finding',
  ],
  [
    'Once a minute, where telemetry is on',
    'host name, system and version, uptime, processors and their load, memory, mounts and how full they are, network interfaces with their addresses, how many processes run and never which',
    'with the agent, as heartbeats',
  ],
  [
    'When an agent joins with telemetry',
    'a keyed digest of the identifier of the computer, to tell one machine from its copy',
    'with the agent; the identifier itself is not sent',
  ],
  ['When the certificate comes to its end', 'id of the device and a public key', 'the new certificate with the device'],
]

const never = [
  'Values of environment variables, headers and tokens of MCP servers. They are overwritten before anything is read out of the file.',
  'Source code, contents of documents, what is typed, what is on the screen, browsing, location.',
  'Who did something: there are items and times, and no people.',
  'Anything outside the places an agent names, and outside the ceiling of folders its machine allows.',
]

const limits = [
  'Reports only: nothing is blocked, changed, run or fetched on a device. There is no button for it.',
  'A change is seen at the next scan and told at the next delivery; times are when it was seen, not when it was installed.',
  'Packages of projects are read from lockfiles below the folders that are looked at; what leaves none there is not seen.',
  'Names and versions are seen, not whether what is inside is good.',
  'What was on a machine before its first scan is known as “at or before”.',
]

const Sentences = ({ title, sentences }: { readonly title: string; readonly sentences: readonly string[] }) => (
  <Card title={title}>
    <ul className="stack-tight">
      {sentences.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  </Card>
)

export const WhatCrosses = () => (
  <>
    <Card title="What agents send" aside="always over TLS, the device known by its certificate">
      <table className="crossing">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">What</th>
            <th scope="col">Where it is kept</th>
          </tr>
        </thead>
        <tbody>
          {crossings.map(([when, what, kept]) => (
            <tr key={when}>
              <th scope="row">{when}</th>
              <td>{what}</td>
              <td className="soft">{kept}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
    <div className="grid">
      <Sentences title="What is never sent" sentences={never} />
      <Sentences title="What this cannot know" sentences={limits} />
      <Card title="See for yourself">
        <div className="stack-tight">
          <p>On any machine, this lists what its agent reads, what it sent in the last days, and what waits:</p>
          <pre className="block">muster-agent explain</pre>
          <p className="soft">How long each kind is kept stands under Retention.</p>
        </div>
      </Card>
    </div>
  </>
)
