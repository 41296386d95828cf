// Where an event stands in the life of its device: epoch first, then sequence, as one comparable number.
// What opens a new epoch is the sync decision's business.

const sequencesPerEpoch = 2 ** 42

/** Above this a sequence cannot be ordered any more; no real outbox comes near it. */
export const maxSequence = sequencesPerEpoch - 1

/** Epochs beyond this share the last one, so that a hostile device cannot leave the range of exact numbers. */
export const maxEpoch = 2 ** 11 - 1

export const orderOf = (epoch: number, sequence: number): number => epoch * sequencesPerEpoch + sequence

export const epochOf = (order: number): number => Math.floor(order / sequencesPerEpoch)

export const sequenceOf = (order: number): number => order % sequencesPerEpoch
