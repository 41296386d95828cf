// What owners set for their tenant.
// The settings are identity's.
import { changeSettings, readSettings } from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { Identity, KnownOperator } from '@muster/identity'
import { ok } from '@muster/kernel'
import { by, versionOf } from './operator.ts'

export const serveSettings = ({ settings }: Pick<Identity, 'settings'>): readonly Served<KnownOperator>[] => [
  serve<typeof readSettings, KnownOperator>(readSettings, ({ speaker }) => ok(settings.read(speaker.tenantId))),
  serve<typeof changeSettings, KnownOperator>(changeSettings, async (said) => {
    const version = versionOf(said)
    if (!version.ok) return version
    return settings.change(by(said), said.speaker.tenantId, version.value, said.body)
  }),
]
