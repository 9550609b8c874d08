export const seatStates = ['signed_out', 'not_ready', 'ready', 'reserved', 'ringing', 'on_call', 'wrap_up'] as const;
export type SeatState = (typeof seatStates)[number];

/** A SIP extension with a place in queues; an operator signs in to it. */
export type Seat = {
  readonly id: string;
  readonly state: SeatState;
  readonly stateSince: Date;
  /** Since when it has been free for a call; only while `ready`, reserved or ringing. */
  readonly idleSince: Date | null;
  readonly operatorId: string | null;
  readonly notReadyReason: string | null;
  readonly callId: string | null;
  readonly wrapUpUntil: Date | null;
  readonly wrapUpExtended: boolean;
  /** What it becomes when its call ends, instead of wrap-up, with the reason for being not ready, and the supervisor who said so. */
  readonly pendingState: 'signed_out' | 'not_ready' | 'ready' | null;
  readonly pendingReason: string | null;
  readonly pendingBy: string | null;
  /** The citizen's channel with which its phone talks in the telephone system's own queue; no call is offered to it meanwhile. */
  readonly ownQueueChannel: string | null;
  /** Whether its softphone is registered and answers. */
  readonly isRegistered: boolean;
  readonly version: number;
};

/** The name of the seat's SIP objects; no citizen's number can look like it. */
export function seatEndpoint(seatId: string): string {
  return `seat-${seatId}`;
}
