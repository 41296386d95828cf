// How much a finding matters, from least to most (sensor-protocol 9, 15.1).
// What raises one is a rule; how findings are listed is fleet/findings.ts.

export const SEVERITIES = ['info', 'notable', 'suspicious', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]
