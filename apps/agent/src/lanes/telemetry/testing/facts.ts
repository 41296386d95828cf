// A machine whose facts are always at hand, for tests of what is done with them.
// That a real machine has facts is tested in facts.
import { exampleHeartbeat } from '@muster/contract/testing'
import type { Collector } from '../facts/collect.ts'

const { heartbeat_id: _id, observed_at: _at, agent_version: _version, ...facts } = exampleHeartbeat

export const collectAtOnce: Collector = async () => ({
  facts: { ...facts, process_count: null },
  errors: [{ fact: 'process_count', code: 'permission_denied' }],
})
