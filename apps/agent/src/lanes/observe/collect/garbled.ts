// Names that are no UTF-8. They are listed with a mark in them, by which the file system does not know them: what lies
// there would be hidden from every scan, so it is told.

export const isGarbled = (path: string): boolean => path.includes('\ufffd')

export const garbled = 'cannot be inspected: its name is not valid text'
