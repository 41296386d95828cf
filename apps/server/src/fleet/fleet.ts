// The whole fleet API, route by route, each answered by the rooms that know.
// A test holds this list against the contract's.
import type { Served } from '@muster/http'
import type { KnownOperator } from '@muster/identity'
import type { Clock } from '@muster/kernel'
import type { Rooms } from '../rooms.ts'
import type { ServerSettings } from '../settings/settings.ts'
import { serveStatus } from '../status/status.ts'
import { serveAudit } from './audit.ts'
import { serveEnrollmentTokens, serveMe, serveOperatorTokens } from './credentials.ts'
import { serveDevices } from './device/device.ts'
import { serveGroups } from './groups.ts'
import { servePolicies } from './policies.ts'
import { serveRetention } from './retention.ts'
import { serveSettings } from './settings.ts'
import { serveSavedViews } from './views.ts'

export interface FleetNeeds {
  readonly rooms: Rooms
  readonly server: Pick<ServerSettings, 'settings'>
  readonly clock: Clock
  readonly startedMs: number
}

export const serveFleet = ({ rooms, server, clock, startedMs }: FleetNeeds): readonly Served<KnownOperator>[] => {
  const { identity, observe, telemetry, ledger, storage, retentionTerms, legalHolds } = rooms
  const { policies, adopters, planned } = observe
  return [
    ...serveMe(identity),
    ...serveSavedViews(identity),
    ...serveStatus({ identity, observe, storage, dataDir: server.settings.dataDir, clock, startedMs }),
    ...serveEnrollmentTokens(identity),
    ...serveOperatorTokens(identity),
    ...serveDevices({ devices: identity.devices, observe, telemetry, ledger, isHeld: legalHolds.covers }),
    ...serveGroups({ groups: identity.groups, isGroupAssigned: observe.isGroupAssigned }),
    ...observe.operatorRoutes,
    ...servePolicies({ policies, adopters, planned }),
    ...serveSettings(identity),
    ...serveAudit({ ledger, storage, clock }),
    ...serveRetention({ terms: retentionTerms, holds: legalHolds }),
  ]
}
