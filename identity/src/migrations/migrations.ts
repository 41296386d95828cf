// The order in which the tables of identity came to be; entries are added at the end and never edited.
// Running them is the storage room's.
import type { RoomMigrations } from '@muster/storage'
import { devices } from './0001-devices.ts'
import { credentials } from './0002-credentials.ts'
import { tokenLimits } from './0003-token-limits.ts'
import { lives } from './0004-lives.ts'
import { tenantSettings } from './0005-tenant-settings.ts'
import { tokenGroups } from './0006-token-groups.ts'
import { sessions } from './0007-sessions.ts'
import { agents } from './0008-agents.ts'
import { orders } from './0009-orders.ts'
import { operatorAddresses } from './0010-operator-addresses.ts'
import { nameSearch } from './0011-name-search.ts'
import { scanned } from './0012-scanned.ts'

export const identityMigrations: RoomMigrations = {
  room: 'identity',
  shared: { identity_change: 'numbers of what changed, for whoever keeps a copy in memory' },
  migrations: [
    devices,
    credentials,
    tokenLimits,
    lives,
    tenantSettings,
    tokenGroups,
    sessions,
    agents,
    orders,
    operatorAddresses,
    nameSearch,
    scanned,
  ],
}
