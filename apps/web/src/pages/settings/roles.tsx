// Which role may do what, as one table.
// Handing out a role with a token is tokens.tsx.
import { Card } from '../../parts/blocks.tsx'
import { Icon } from '../../parts/icon.tsx'
import { roles } from '../../wire/routes.built.ts'
import { roleLines } from './decide-roles.ts'

export const Roles = () => (
  <Card title="What each role may do" aside="a token can be limited further: to deeds, groups and networks">
    <div className="wide-table" role="region" aria-label="Roles" tabIndex={0}>
      <table className="roles">
        <thead>
          <tr>
            <th scope="col">May</th>
            {roles.map((role) => (
              <th key={role} scope="col">
                {role}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {roleLines.map(({ words, who }) => (
            <tr key={words}>
              <th scope="row">{words}</th>
              {roles.map((role) => (
                <td key={role}>
                  {who.has(role) ? (
                    <span className="mark tone-good">
                      <Icon name="check" />
                      <span className="unseen">yes</span>
                    </span>
                  ) : (
                    <span className="faint">no</span>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </Card>
)
