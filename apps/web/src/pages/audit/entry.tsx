// One entry of the audit history with its details, and the hashes that bind it to its neighbours.
// Which entry is open stands in the address.
import type { AuditEntry } from '@muster/contract'
import { Link } from '@tanstack/react-router'
import { Beside } from '../../parts/beside.tsx'
import { Facts } from '../../parts/blocks.tsx'
import { outcomeLooks, Pill } from '../../parts/marks.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Said, SaidInFull } from '../../parts/said.tsx'

export const EntryBeside = ({ entry, onClose }: { readonly entry: AuditEntry; readonly onClose: () => void }) => {
  const { actor, target } = entry
  return (
    <Beside label="Entry" title={<Said text={entry.action} />} onClose={onClose}>
      <p className="wrap">
        <Pill look={outcomeLooks[entry.outcome]} />
        <span className="soft">
          entry {entry.seq.toLocaleString()}, <Moment at={entry.occurredAt} exact />
        </span>
      </p>
      <Facts
        facts={[
          [
            'Who',
            <Link key="a" to="/audit" search={{ actor: actor.id, entry: String(entry.seq) }}>
              <Said text={actor.displayName ?? actor.id} />
            </Link>,
          ],
          ['Kind', actor.type],
          ['Id', <Said key="i" text={actor.id} />],
          ...(actor.ip === undefined ? [] : [['From', <Said key="ip" text={actor.ip} />] as const]),
          [
            'What',
            <Link key="t" to="/audit" search={{ target: target.id, entry: String(entry.seq) }}>
              {target.type} <Said text={target.id} />
            </Link>,
          ],
          ['Request', <code key="r">{entry.requestId}</code>],
        ]}
      />
      <div className="stack-tight">
        <h3>Details</h3>
        {Object.keys(entry.details).length === 0 ? (
          <p className="faint">none</p>
        ) : (
          <div className="block">
            <SaidInFull text={JSON.stringify(entry.details, null, 2)} />
          </div>
        )}
      </div>
      <Facts
        facts={[
          ['Hash', <code key="h">{entry.hash}</code>],
          ['Before', <code key="p">{entry.prevHash}</code>],
        ]}
      />
    </Beside>
  )
}
