// The prefixes of public ids and bearer tokens, one per noun (ARCHITECTURE 4).
// Making ids is the kernel's; which noun a string names can be read from its prefix.

export const ID_PREFIX = {
  device: 'dev',
  agent: 'agt',
  asset: 'ast',
  collector: 'col',
  enrollmentToken: 'ent',
  operatorToken: 'opt',
  group: 'grp',
  policy: 'pol',
  revision: 'rev',
  finding: 'fnd',
  legalHold: 'hld',
  session: 'ses',
  savedView: 'vie',
  request: 'req',
  authority: 'ca',
  tokenKey: 'tkey',
} as const

export const BEARER_PREFIX = { enrollment: 'met', operator: 'mot', session: 'mos' } as const

export const DEFAULT_TENANT_ID = 'default'
/** Every tenant has one site, until somebody needs more. */
export const DEFAULT_SITE_ID = 'site_default'
