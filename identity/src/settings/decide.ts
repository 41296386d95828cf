// Rules of a tenant's settings: which thresholds make sense together.
// Keeping them is store.ts.
import type { LivenessThresholds } from '@muster/contract'
import { ok, type Result, refuse } from '@muster/kernel'

/** Each word of liveness means a longer silence than the one before it. */
export const decideThresholds = (said: LivenessThresholds): Result<LivenessThresholds, 'request_malformed'> =>
  said.onlineSeconds < said.idleSeconds && said.idleSeconds < said.offlineSeconds
    ? ok(said)
    : refuse('request_malformed', 'body.liveness: onlineSeconds < idleSeconds < offlineSeconds must hold.')
