// What a device became by what was done to it: kept as the page shows it, with its timeline asked again.
// What can be done is actions.tsx and endings.tsx.
import type { Device } from '@muster/contract'
import { useQueryClient } from '@tanstack/react-query'
import { deviceQuery } from './query.ts'

export const useKeepDevice = (device: Pick<Device, 'id'>, onClose: () => void) => {
  const client = useQueryClient()
  return async (next: Device): Promise<void> => {
    client.setQueryData(deviceQuery(device.id).queryKey, next)
    onClose()
    await client.invalidateQueries({ queryKey: ['deviceTimeline'] })
  }
}
