// Row-level security: what makes PostgreSQL itself keep the work of one tenant away from the rows of every other.
// Which tables belong to nobody is the rooms'; when a statement is sent behind the wall is sessions.ts.
import { sql } from 'kysely'
import { quote } from '../bulk-plan.ts'
import { NotTheOwner } from '../faults.ts'
import type { Tx } from '../unit.ts'

/** What goes with each transaction of a tenant: the one parameter is the tenant. */
export interface Wall {
  readonly enter: string
}

/** Or the statements that whoever owns the database's users has to say first. */
export type RaisedWall = { readonly wall: Wall } | { readonly missing: readonly string[] }

interface Standing {
  readonly owner: string
  readonly role: string
  readonly path: string
  readonly exists: number
  readonly member: number
  readonly may_make: number
  readonly walled_out: number
}

/**
 * A role of its own for each user that owns tables: two databases of one cluster share their roles, and a shared one
 * would let the owner of either read the other.
 */
const loadStanding = async (tx: Tx): Promise<Standing> => {
  const { rows } = await sql<Standing>`
    select own.owner, own.role, held.oid is not null as exists,
      coalesce(pg_has_role(own.owner, held.oid, 'member'), false) as member,
      (select rolsuper or rolcreaterole from pg_roles where rolname = own.owner) as may_make,
      array_to_string(array(select quote_ident(schema) from unnest(current_schemas(false)) as schema), ', ') as path,
      exists (
        select 1 from pg_class where relnamespace = current_schema()::regnamespace and row_security_active(oid)
      ) as walled_out
    from (select current_user::text as owner, left(current_user, 56) || '_tenant' as role) as own
    left join pg_roles as held on held.rolname = own.role`.execute(tx)
  return rows[0] as Standing
}

const block = (text: string) => sql`do ${sql.lit(text)}`

/** Servers of other databases may make the same role at the same moment. */
const makeRole = (role: string) =>
  block(`begin
    create role ${quote(role)} nologin;
    exception when duplicate_object or unique_violation then null;
  end`)

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/**
 * Gives every table of the schema its rule, from what the catalogue says of it, where it has none yet. A table with a
 * tenant shows and takes the rows of the present tenant only; one named in `shared` is open; any other is out of reach.
 * The owner stands outside of it all: the product's own work, whose statements have no policy to be planned around,
 * and pg_dump, which refuses a table whose rows it may not all see.
 */
const raise = (role: string, shared: readonly string[]) =>
  block(`declare
    found record;
    role constant text := ${literal(role)};
  begin
    execute format('grant usage on schema %I to %I', current_schema(), role);
    for found in
      select relname as name, tenant.attnum is not null as has_tenant from pg_class as held
      left join pg_attribute as tenant on tenant.attrelid = held.oid and tenant.attname = 'tenant_id'
      where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
        and (tenant.attnum is not null or relname = any(array[${shared.map(literal).join(', ')}]::text[]))
        and not (has_table_privilege(role, held.oid, 'insert') and (relrowsecurity or tenant.attnum is null))
    loop
      if found.has_tenant then
        execute format('alter table %I enable row level security', found.name);
        execute format('drop policy if exists tenant on %I', found.name);
        execute format(
          'create policy tenant on %I using (tenant_id = current_setting(''muster.tenant'', true))', found.name);
      end if;
      execute format('grant select, insert, update, delete on %I to %I', found.name, role);
    end loop;
  end`)

const grantOf = ({ owner, role }: Standing): string => `grant ${quote(role)} to ${quote(owner)}`

const missingOf = (standing: Standing): readonly string[] => {
  const { role, exists, member, may_make } = standing
  if (may_make || (exists && member)) return []
  return exists ? [grantOf(standing)] : [`create role ${quote(role)} nologin`, grantOf(standing)]
}

/** What a server would find of the wall that starts here now; nothing is changed. */
export interface WallStanding {
  /** The role that requests of operators run as. */
  readonly role: string
  readonly stands: boolean
  /** Empty where it stands, or the next start makes it; else what whoever owns the database's users has to say first. */
  readonly missing: readonly string[]
  /** The tables belong to another user, so rows would be hidden from the server itself. */
  readonly ownedByAnother: boolean
}

export const readWall = async (tx: Tx): Promise<WallStanding> => {
  const standing = await loadStanding(tx)
  return {
    role: standing.role,
    stands: standing.exists === 1 && standing.member === 1,
    missing: missingOf(standing),
    ownedByAnother: standing.walled_out === 1,
  }
}

/** Idempotent; once the rooms' own migrations ran. Throws NotTheOwner where it would wall out the server itself. */
export const raiseWall = async (tx: Tx, shared: readonly string[]): Promise<RaisedWall> => {
  const standing = await loadStanding(tx)
  const { role, path, exists, member, walled_out } = standing
  if (walled_out) throw new NotTheOwner()
  const missing = missingOf(standing)
  if (missing.length > 0) return { missing }
  if (!exists) await makeRole(role).execute(tx)
  if (!member) await sql.raw(grantOf(standing)).execute(tx)
  await raise(role, shared).execute(tx)
  const settings = [`'muster.tenant', $1`, `'search_path', ${literal(path)}`, `'role', ${literal(role)}`]
  return { wall: { enter: `select ${settings.map((setting) => `set_config(${setting}, true)`).join(', ')}` } }
}
