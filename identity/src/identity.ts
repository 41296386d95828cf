// The door of identity: who is speaking, and may they.
// What devices report is the planes'; what was done is the ledger's.
export type { Authority, AuthorityFacts } from './authority/authority.ts'
export type { ServerCertificate, ServerCertificateSource, ServerCredentials } from './authority/server-certificate.ts'
export type {
  CreateIdentity,
  DeviceAuth,
  Identity,
  IdentityNeeds,
  IdentitySettings,
  RefusalNote,
} from './create-identity.ts'
export type {
  DeviceCounts,
  DevicePage,
  DeviceQuery,
  DeviceRecord,
  Devices,
  HostText,
  Narrow,
  RollEntry,
  RollQuery,
} from './devices/devices.ts'
export type {
  DeviceRefusal,
  DeviceSpeaker,
  Directory,
  IdentifyDevice,
  KnownCertificate,
  Peer,
} from './directory/directory.ts'
export type { Enroll, EnrollCall } from './enroll/enroll.ts'
export type { GroupName, Groups, IsGroupInUse } from './groups/groups.ts'
export { identityMigrations } from './migrations/migrations.ts'
export { chooseOperatorAuth, type OperatorAuth } from './operators/auth.ts'
export type { Operators } from './operators/operators.ts'
export { type By, byOperator, bySystem, type KnownDevice, type KnownOperator } from './speakers.ts'
export type { AuthorityState } from './tables.ts'
export type { EnrollmentTokens } from './tokens/tokens.ts'
