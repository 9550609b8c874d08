/** A call that the telephone system's own queue carried while no service was there, as its record tells. */
export type CarriedCall = {
  /** The citizen's channel. */
  readonly channelId: string;
  readonly calledNumber: string;
  readonly callerRaw: string;
  /** The queue of the telephone system, which is one of ours or stands in for it. */
  readonly queueId: string;
  readonly offeredAt: Date;
  readonly queuedAt: Date;
  /** Seats that were rung, in that order. */
  readonly offers: readonly CarriedOffer[];
  /** Given over to the service, and not back since. */
  readonly isReturned: boolean;
  /** Null while it lasts, or when its end was never written down. */
  readonly endedAt: Date | null;
  readonly endedBy: 'citizen' | 'operator' | 'system';
  /** When something was written down last. */
  readonly lastAt: Date;
};

export type CarriedOffer = {
  readonly legId: string;
  readonly seatId: string;
  readonly ringingAt: Date;
  readonly answeredAt: Date | null;
  readonly endedAt: Date | null;
  /** Q.850; 0 where the queue itself ended the ring. */
  readonly cause: number | null;
};

/** The seats that talk with the citizen now: one, or none. */
export function talkingSeats(carried: CarriedCall): string[] {
  return carried.endedAt ? [] : carried.offers.filter((offer) => offer.answeredAt && !offer.endedAt).map((offer) => offer.seatId);
}

export function isWaiting(carried: CarriedCall): boolean {
  return !carried.endedAt && !carried.isReturned && talkingSeats(carried).length === 0;
}
