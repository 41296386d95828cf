// placeholder until the pool is written
import type { Backend, BackendSettings } from '../backend.ts'

export const openPostgres = (_url: string, _settings: BackendSettings & { poolSize: number }): Promise<Backend> =>
  Promise.reject(new Error('postgres is being written'))
