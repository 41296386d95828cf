// What the audit page asks: the entries of a view.
// Which view an address is, is decide.ts.
import { listQuery } from '../../wire/lists.ts'
import { type AuditView, queryOfView } from './decide.ts'

export const auditQuery = (view: AuditView) => listQuery('listAudit', { query: queryOfView(view) })
