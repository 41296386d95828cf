// Who gets which answer: one table for the device listener, one for the operators', written from the published rules
// (sensor-protocol 3.5 and 11, fleet-product 3.1, 3.3 and 12). The walk itself is walk.test.ts.

/** What a route for devices answers, and why; enrolment asks for a token in its body and for nothing else. */
type DeviceCell = readonly [status: 200] | readonly [status: 401 | 403, code: string]

const missing: DeviceCell = [401, 'certificate_missing']
const untrusted: DeviceCell = [401, 'certificate_untrusted']
const mismatch: DeviceCell = [403, 'identity_mismatch']
const inactive: DeviceCell = [403, 'device_not_active']

export const GATEWAY_TABLE = {
  'the own device': [200],
  'the own device, with an operator token beside': [200],
  'the own device, resuming a TLS 1.2 session': [200],
  'the own device, resuming a TLS 1.3 session': [200],
  'another device of the tenant': mismatch,
  'a device of another tenant': mismatch,
  'the own device, naming another tenant': mismatch,
  'a revoked device': inactive,
  'a revoked device, resuming a TLS 1.2 session': inactive,
  'a revoked device, resuming a TLS 1.3 session': inactive,
  'a retired device': inactive,
  'a merged device': inactive,
  'a resumed session without its certificate': missing,
  'an expired certificate': [401, 'certificate_expired'],
  'a certificate not valid yet': untrusted,
  'a superseded certificate of an active device': untrusted,
  'a certificate of a wrong CA, its fingerprint known': untrusted,
  'a certificate for servers only, its fingerprint known': untrusted,
  'a certificate for no use in particular, its fingerprint known': untrusted,
  'a certificate of our CA that nobody enrolled': untrusted,
  'the certificate of the gateway itself': untrusted,
  nobody: missing,
  'an operator token': missing,
  'an enrolment token as bearer': missing,
  'a sensor token': missing,
} as const satisfies Record<string, DeviceCell>

export type GatewayCaller = keyof typeof GATEWAY_TABLE

type Role = 'viewer' | 'auditor' | 'analyst' | 'admin' | 'owner'
export const WALKED_ROLES: readonly Role[] = ['viewer', 'auditor', 'analyst', 'admin', 'owner']

/** Callers that no operator route is open to, whichever it is. */
export const STRANGER_TABLE = {
  nobody: 401,
  'a token nobody made': 401,
  'a token in another scheme': 401,
  'an enrolment token': 401,
  'a revoked operator token': 401,
  'an expired operator token': 401,
  'a revoked operator token beside a device certificate': 401,
  'a device certificate': 403,
  "a revoked device's certificate": 403,
  'a certificate of a wrong CA': 403,
  'a certificate for servers only': 403,
} as const satisfies Record<string, number>

export type Stranger = keyof typeof STRANGER_TABLE

/** Things that exist in the walked tenant, as route parameters and bodies name them. */
export interface Props {
  readonly device: string
  /** A device that no life cycle action fits any more. */
  readonly mergedDevice: string
  readonly token: string
  readonly group: string
  readonly groupName: string
  readonly policy: string
  readonly revision: string
  readonly generation: string
  readonly finding: string
  readonly operatorToken: string
  readonly legalHold: string
  readonly releasedHold: string
  /** Never twice the same. */
  readonly fresh: () => string
  readonly policyYaml: string
}

export interface FleetCells {
  /** Least role first; everyone else gets 403. */
  readonly roles: readonly Role[]
  readonly params?: (props: Props) => Readonly<Record<string, string>>
  readonly body?: (props: Props) => unknown
  readonly ifMatch?: string
  /** What an operator of the tenant gets; by role where it depends on it. */
  readonly own: number | Readonly<Partial<Record<Role, number>>>
  /** What an owner of another tenant gets for the same sentence. */
  readonly elsewhere: number
}

const all = WALKED_ROLES
const analysts: readonly Role[] = ['analyst', 'admin', 'owner']
const admins: readonly Role[] = ['admin', 'owner']
const owners: readonly Role[] = ['owner']
const auditors: readonly Role[] = ['auditor', 'admin', 'owner']

const list = (roles: readonly Role[]): FleetCells => ({ roles, own: 200, elsewhere: 200 })
const of = (
  key:
    | 'device'
    | 'mergedDevice'
    | 'token'
    | 'group'
    | 'policy'
    | 'revision'
    | 'finding'
    | 'operatorToken'
    | 'legalHold'
    | 'releasedHold',
) => ({
  params: (props: Props) => ({ id: props[key] }),
})
const read = (roles: readonly Role[], key: Parameters<typeof of>[0]): FleetCells => ({
  roles,
  ...of(key),
  own: 200,
  elsewhere: 404,
})
/** The device is in a state that allows none of them, so every role that may ask is told 409. */
const lifeCycle: FleetCells = { roles: admins, ...of('mergedDevice'), body: () => ({}), own: 409, elsewhere: 404 }
const staleVersion = '"999999"'

/** By the name a route has in the contract's table. */
export const FLEET_TABLE: Readonly<Record<string, FleetCells>> = {
  me: list(all),
  signOut: list(all),
  listSavedViews: list(all),
  saveView: {
    roles: all,
    body: ({ fresh }) => ({ page: 'devices', name: fresh(), query: 'status=retired' }),
    own: 200,
    elsewhere: 200,
  },
  // A view is its operator's own, so nobody else finds it, whatever their role.
  deleteSavedView: { roles: all, params: () => ({ id: 'vie_of_nobody' }), own: 404, elsewhere: 404 },
  readStatus: list(all),
  readActivity: list(all),
  readCoverage: list(all),
  createEnrollmentToken: { roles: admins, body: ({ fresh }) => ({ label: fresh() }), own: 201, elsewhere: 201 },
  listEnrollmentTokens: list(analysts),
  readEnrollmentToken: read(analysts, 'token'),
  revokeEnrollmentToken: read(admins, 'token'),
  listDevices: list(all),
  readDevice: read(all, 'device'),
  changeDevice: {
    roles: analysts,
    ...of('device'),
    body: () => ({ tags: ['walked'] }),
    ifMatch: staleVersion,
    own: 412,
    elsewhere: 404,
  },
  revokeDevice: lifeCycle,
  retireDevice: lifeCycle,
  reactivateDevice: lifeCycle,
  mergeDevice: { ...lifeCycle, body: ({ device }) => ({ intoId: device }) },
  deleteDeviceData: { ...lifeCycle, roles: owners, body: ({ mergedDevice }) => ({ confirm: mergedDevice }) },
  requestResnapshot: lifeCycle,
  // A filter finds what is there for whoever asks; verdicts would name the devices that are named to them.
  tagDevices: {
    roles: analysts,
    body: () => ({ devices: { filter: {} }, tags: ['walked'] }),
    own: 200,
    elsewhere: 200,
  },
  untagDevices: {
    roles: analysts,
    body: () => ({ devices: { filter: {} }, tags: ['walked'] }),
    own: 200,
    elsewhere: 200,
  },
  revokeDevices: {
    roles: admins,
    body: () => ({ devices: { filter: { status: 'merged' } } }),
    own: 200,
    elsewhere: 200,
  },
  deviceTimeline: read(all, 'device'),
  deviceInventory: read(all, 'device'),
  deviceEvents: read(all, 'device'),
  deviceHeartbeats: read(all, 'device'),
  listGroups: list(all),
  createGroup: { roles: admins, body: ({ fresh }) => ({ name: fresh() }), own: 201, elsewhere: 201 },
  readGroup: read(all, 'group'),
  changeGroup: {
    roles: admins,
    ...of('group'),
    body: () => ({ description: 'walked' }),
    ifMatch: staleVersion,
    own: 412,
    elsewhere: 404,
  },
  deleteGroup: { roles: admins, ...of('group'), ifMatch: staleVersion, own: 412, elsewhere: 404 },
  listChanges: list(all),
  searchInventory: { roles: analysts, body: () => ({ q: 'axios' }), own: 200, elsewhere: 200 },
  exportInventory: { roles: analysts, body: () => ({ q: 'axios' }), own: 200, elsewhere: 200 },
  compareInventory: {
    roles: analysts,
    body: ({ device }) => ({ deviceId: device, reference: { deviceId: device } }),
    own: 200,
    elsewhere: 404,
  },
  rareInventory: list(analysts),
  listFindings: list(all),
  readFinding: read(all, 'finding'),
  validatePolicy: { roles: analysts, body: ({ policyYaml: yaml }) => ({ yaml }), own: 200, elsewhere: 200 },
  planPolicy: { roles: analysts, body: ({ policyYaml: yaml }) => ({ yaml }), own: 200, elsewhere: 200 },
  savePolicy: { roles: analysts, body: ({ policyYaml: yaml }) => ({ yaml }), own: 201, elsewhere: 201 },
  listPolicies: list(all),
  readPolicy: read(all, 'policy'),
  listRevisions: read(all, 'policy'),
  readRevision: read(all, 'revision'),
  dryRunRevision: { roles: analysts, ...of('revision'), body: () => ({}), own: 200, elsewhere: 404 },
  publishRevision: {
    roles: admins,
    ...of('revision'),
    body: () => ({}),
    ifMatch: staleVersion,
    own: 412,
    elsewhere: 404,
  },
  rollbackPolicy: {
    roles: admins,
    ...of('policy'),
    body: ({ generation }) => ({ generation }),
    ifMatch: staleVersion,
    own: 412,
    elsewhere: 404,
  },
  policyAdoption: read(all, 'policy'),
  listAssignments: list(all),
  replaceAssignments: {
    roles: admins,
    body: ({ policy, groupName: group }) => ({ items: [{ policyId: policy, group, priority: 10 }] }),
    ifMatch: staleVersion,
    own: 412,
    elsewhere: 404,
  },
  listGenerations: list(all),
  readGeneration: {
    roles: all,
    params: ({ generation }) => ({ generation }),
    own: 200,
    elsewhere: 404,
  },
  listAudit: list(auditors),
  verifyAudit: list(auditors),
  exportAudit: list(auditors),
  createOperatorToken: {
    roles: admins,
    body: ({ fresh }) => ({ name: fresh(), role: 'viewer' }),
    own: 201,
    elsewhere: 201,
  },
  listOperatorTokens: list(admins),
  readRetention: list(owners),
  changeRetention: {
    roles: owners,
    body: () => ({ days: { events: 90 } }),
    ifMatch: staleVersion,
    own: 412,
    elsewhere: 412,
  },
  listLegalHolds: list(owners),
  placeLegalHold: {
    roles: owners,
    body: ({ device: deviceId }) => ({ deviceId, reason: 'walked' }),
    own: 201,
    elsewhere: 404,
  },
  readLegalHold: read(owners, 'legalHold'),
  releaseLegalHold: { roles: owners, ...of('releasedHold'), own: 409, elsewhere: 404 },
  // An admin sees only the tokens they made themselves.
  revokeOperatorToken: { roles: admins, ...of('operatorToken'), own: { admin: 404, owner: 200 }, elsewhere: 404 },
  readSettings: list(owners),
  changeSettings: {
    roles: owners,
    body: () => ({ liveness: { onlineSeconds: 60, idleSeconds: 120, offlineSeconds: 600 } }),
    ifMatch: staleVersion,
    own: 412,
    elsewhere: 412,
  },
}
