// Where the lane's database lies in the agent's data folder.
// What is in it is database/.
import { join } from 'node:path'

export const laneDatabase = (dataDir: string): string => join(dataDir, 'observe.db')
