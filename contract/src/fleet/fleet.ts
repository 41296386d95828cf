// The whole fleet API as one table, in the order of the documentation.
// Everything that serves, calls or documents the API walks this table.
import { exportAudit, listAudit, verifyAudit } from './audit.ts'
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
import { deviceEvents, deviceInventory, listChanges, searchInventory } from './inventory.ts'
import { createOperatorToken, listOperatorTokens, me, revokeOperatorToken } from './operators.ts'
import {
  listAssignments,
  listGenerations,
  listPolicies,
  listRevisions,
  policyAdoption,
  publishRevision,
  readGeneration,
  readRevision,
  replaceAssignments,
  rollbackPolicy,
  savePolicy,
  validatePolicy,
} from './policies.ts'
import { changeSettings, readSettings } from './settings.ts'
import { readStatus } from './status.ts'

export const fleetRoutes = {
  me,
  readStatus,
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
  deviceTimeline,
  deviceInventory,
  deviceEvents,
  listGroups,
  createGroup,
  readGroup,
  changeGroup,
  deleteGroup,
  listChanges,
  searchInventory,
  listFindings,
  readFinding,
  validatePolicy,
  savePolicy,
  listPolicies,
  listRevisions,
  readRevision,
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
  readSettings,
  changeSettings,
} as const
