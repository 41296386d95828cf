// For which tenant work is done, carried along by the asynchronous work itself.
// What a database makes of it is its engine's: PostgreSQL walls the tenant's work off, SQLite has no such wall.
import { AsyncLocalStorage } from 'node:async_hooks'

const tenants = new AsyncLocalStorage<string | undefined>()

/** Runs `work` for one tenant: on PostgreSQL no statement of it sees or writes a row of another. */
export const withinTenant = <T>(tenantId: string, work: () => T): T => tenants.run(tenantId, work)

/** Runs what serves everybody, such as a look that fills a memory, whoever set it going. */
export const beyondTenants = <T>(work: () => T): T =>
  tenants.getStore() === undefined ? work() : tenants.run(undefined, work)

export const presentTenant = (): string | undefined => tenants.getStore()
