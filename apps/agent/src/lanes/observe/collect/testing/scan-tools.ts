// A program for the fence test: scans the configuration of coding tools and prints what it saw.
// It runs where Node itself refuses to open anything that the test did not name.
import { readConfiguration } from '../../../../configuration/configuration.ts'
import { readMachine } from '../../../../configuration/machine.ts'
import { createConfigCollectors } from '../config-collectors.ts'

const { observe } = readConfiguration(process.argv[2] ?? '', readMachine())
const never = new AbortController().signal
const seen = []
for (const collector of createConfigCollectors(() => observe)) seen.push(await collector.collect(never))
process.stdout.write(JSON.stringify(seen))
