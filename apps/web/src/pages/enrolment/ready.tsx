// A token that was just made: its raw value is here and nowhere else, in the forms a machine takes it, until it is used.
// Making it is page.tsx; what each form holds is decide.ts.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button, Choice, CopyButton } from '../../parts/controls.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Pill, tokenLooks } from '../../parts/marks.tsx'
import { Moment } from '../../parts/moment.tsx'
import { MadeToken } from '../../parts/new-token.tsx'
import { Said } from '../../parts/said.tsx'
import { saveFile } from '../../parts/save-table.ts'
import type { AnswerTo } from '../../wire/ask.ts'
import { nameOf } from '../devices/decide.ts'
import { agentFileFor, installLine, type Trust } from './decide.ts'
import { letInQuery, watchedTokenQuery } from './query.ts'

type Made = AnswerTo<'createEnrollmentToken'>

const trusts: readonly (readonly [Trust, string])[] = [
  ['fleet', "certificate of this fleet's own authority"],
  ['public', 'certificate the machine trusts already'],
]

const Used = ({ made }: { readonly made: Made }) => {
  const { data: token = made } = useQuery(watchedTokenQuery(made.id))
  const { data: devices } = useQuery(letInQuery(made.id, token.useCount))
  return (
    <div className="stack-tight" aria-live="polite">
      <div className="wrap">
        <Pill look={tokenLooks[token.status]} />
        <span>
          used {token.useCount} of {token.maxUses}
        </span>
        <span className="soft">
          ends <Moment at={token.expiresAt} />
        </span>
      </div>
      {token.useCount === 0 && token.failures.count === 0 && (
        <p className="soft">Waiting for a machine to use it. This page will show it.</p>
      )}
      {token.failures.count > 0 && (
        <p className="mark tone-suspicious">
          <Icon name="suspicious" />
          {token.failures.count} refused, last because of {token.failures.lastReason ?? 'something unknown'}
        </p>
      )}
      <ul>
        {devices?.items.map((device) => (
          <li key={device.id} className="wrap">
            <span className="mark tone-good">
              <Icon name="check" />
            </span>
            <Link to="/devices/$id" params={{ id: device.id }}>
              <Said text={nameOf(device)} />
            </Link>
            <span className="soft">
              joined <Moment at={device.enrolledAt} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** The same wishes as a line for a shell and as a file. */
const Forms = ({ made }: { readonly made: Made }) => {
  const [trust, setTrust] = useState<Trust>('fleet')
  const file = agentFileFor(made.agentFile, trust)
  const line = installLine(made.agentFile, trust, location.origin)
  return (
    <>
      <div className="wrap">
        <span>The gateway shows a</span>
        <Choice
          label="Certificate of the gateway"
          value={trust}
          options={trusts}
          onChange={(one) => setTrust(one === '' ? 'fleet' : one)}
        />
      </div>
      <div className="stack-tight">
        <div className="wrap">
          <h3>1. On the machine, in a shell</h3>
          <CopyButton text={line}>Copy line</CopyButton>
        </div>
        <pre className="block">{line}</pre>
      </div>
      <div className="stack-tight">
        <div className="wrap">
          <h3>or as a file, agent.yaml</h3>
          <CopyButton text={file}>Copy file</CopyButton>
          <Button onPress={() => saveFile('agent.yaml', [file], 'application/yaml')}>Download</Button>
        </div>
        <pre className="block">{file}</pre>
      </div>
    </>
  )
}

export const Ready = ({ made, onClose }: { readonly made: Made; readonly onClose: () => void }) => (
  <MadeToken title="Ready to enrol" name={made.label} token={made.token} onClose={onClose}>
    {made.warnings.map((warning) => (
      <p key={warning} className="soft">
        {warning}
      </p>
    ))}
    <Forms made={made} />
    <div className="stack-tight">
      <h3>2. Start the agent there</h3>
      <pre className="block">muster-agent run</pre>
    </div>
    <div className="stack-tight">
      <h3>3. See it come in</h3>
      <Used made={made} />
    </div>
  </MadeToken>
)
