// The whole fleet API as one table, in the order of the documentation.
// Everything that serves, calls or documents the API walks this table.
import { readActivity } from './activity.ts'
import { exportAudit, listAudit, verifyAudit } from './audit.ts'
import { revokeDevices, tagDevices, untagDevices } from './bulk.ts'
import { compareInventory } from './comparison.ts'
import { readCoverage } from './coverage.ts'
import {
  changeDevice,
  deleteDeviceData,
  deviceTimeline,
  listDevices,
  mergeDevice,
  reactivateDevice,
  readDevice,
  requestResnapshot,
  retireDevice,
  revokeDevice,
} from './devices.ts'
import {
  createEnrollmentToken,
  listEnrollmentTokens,
  readEnrollmentToken,
  revokeEnrollmentToken,
} from './enrollment-tokens.ts'
import { listFindings, readFinding } from './findings.ts'
import { changeGroup, createGroup, deleteGroup, listGroups, readGroup } from './groups.ts'
import { deviceHeartbeats } from './heartbeats.ts'
import {
  deviceEvents,
  deviceInventory,
  exportInventory,
  listChanges,
  rareInventory,
  searchInventory,
} from './inventory.ts'
import { createOperatorToken, listOperatorTokens, me, revokeOperatorToken, signIn, signOut } from './operators.ts'
import {
  listAssignments,
  listGenerations,
  listPolicies,
  listRevisions,
  policyAdoption,
  publishRevision,
  readGeneration,
  readPolicy,
  readRevision,
  replaceAssignments,
  rollbackPolicy,
  savePolicy,
  validatePolicy,
} from './policies.ts'
import { dryRunRevision, planPolicy } from './policy-plans.ts'
import {
  changeRetention,
  listLegalHolds,
  placeLegalHold,
  readLegalHold,
  readRetention,
  releaseLegalHold,
} from './retention.ts'
import { changeSettings, readSettings } from './settings.ts'
import { readStatus } from './status.ts'
import { deleteSavedView, listSavedViews, saveView } from './views.ts'

export const fleetRoutes = {
  me,
  signIn,
  signOut,
  listSavedViews,
  saveView,
  deleteSavedView,
  readStatus,
  readActivity,
  readCoverage,
  createEnrollmentToken,
  listEnrollmentTokens,
  readEnrollmentToken,
  revokeEnrollmentToken,
  listDevices,
  readDevice,
  changeDevice,
  revokeDevice,
  retireDevice,
  reactivateDevice,
  mergeDevice,
  deleteDeviceData,
  requestResnapshot,
  tagDevices,
  untagDevices,
  revokeDevices,
  deviceTimeline,
  deviceInventory,
  deviceEvents,
  deviceHeartbeats,
  listGroups,
  createGroup,
  readGroup,
  changeGroup,
  deleteGroup,
  listChanges,
  searchInventory,
  exportInventory,
  compareInventory,
  rareInventory,
  listFindings,
  readFinding,
  validatePolicy,
  planPolicy,
  savePolicy,
  listPolicies,
  listRevisions,
  readPolicy,
  readRevision,
  dryRunRevision,
  publishRevision,
  rollbackPolicy,
  policyAdoption,
  listAssignments,
  replaceAssignments,
  listGenerations,
  readGeneration,
  listAudit,
  verifyAudit,
  exportAudit,
  createOperatorToken,
  listOperatorTokens,
  revokeOperatorToken,
  readRetention,
  changeRetention,
  listLegalHolds,
  placeLegalHold,
  readLegalHold,
  releaseLegalHold,
  readSettings,
  changeSettings,
} as const
