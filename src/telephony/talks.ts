import type { TelephonyPort } from '../calls/telephony-port.ts';

/** A call as far as it is known without its rows. */
export type KnownTalk = {
  readonly callId: string;
  /** Channels that have been in its bridge, and whose end does not stand in the rows. */
  readonly partyIds: readonly string[];
  /** Legs that were dialled for it. */
  readonly dialedIds: readonly string[];
  /** Known from the rows or from our own commands; not only seen in Asterisk, where nobody tells to which call one on hold belongs. */
  readonly isWhole: boolean;
};

type Member = { readonly callId: string; readonly isDialed: boolean; readonly isSeen: boolean };

/** What this process remembers of live calls for the time when the database is away, and the ends it could not write down. */
export class Talks {
  readonly #members = new Map<string, Member>();
  readonly #ends = new Map<string, Date>();

  /** The telephone system, whose commands tell who belongs to which call. */
  follow(telephony: TelephonyPort): TelephonyPort {
    return {
      ...telephony,
      bridge: (callId, channelIds) => {
        this.note(callId, channelIds);
        return telephony.bridge(callId, channelIds);
      },
      ringSeat: (options) => {
        this.#dial(options);
        return telephony.ringSeat(options);
      },
      dialNumber: (options) => {
        this.#dial(options);
        return telephony.dialNumber(options);
      },
    };
  }

  note(callId: string, channelIds: readonly string[], isSeen = false): void {
    for (const id of channelIds) {
      const known = this.#members.get(id);
      if (!isSeen || known?.callId !== callId || known.isDialed) this.#members.set(id, { callId, isDialed: false, isSeen: isSeen && known?.isSeen !== false });
    }
  }

  #dial({ channelId, callId }: { readonly channelId: string; readonly callId: string }): void {
    if (!this.#members.has(channelId)) this.#members.set(channelId, { callId, isDialed: true, isSeen: false });
  }

  /** Its end stands in the rows. */
  forget(channelId: string): void {
    this.#members.delete(channelId);
    this.#ends.delete(channelId);
  }

  /** A channel is gone, and the rows could not be told: the first time counts. */
  noteEnd(channelId: string, at: Date): void {
    if (!this.#ends.has(channelId)) this.#ends.set(channelId, at);
  }

  endOf(channelId: string): Date | undefined {
    return this.#ends.get(channelId);
  }

  /** The rows were compared: what is not there any more is over. */
  keepOnly(present: ReadonlySet<string>): void {
    for (const id of [...this.#members.keys(), ...this.#ends.keys()]) if (!present.has(id)) this.forget(id);
  }

  get channelIds(): string[] {
    return [...this.#members.keys()];
  }

  list(): KnownTalk[] {
    const talks = new Map<string, { callId: string; partyIds: string[]; dialedIds: string[]; isWhole: boolean }>();
    for (const [channelId, { callId, isDialed, isSeen }] of this.#members) {
      const talk = talks.get(callId) ?? { callId, partyIds: [], dialedIds: [], isWhole: false };
      talks.set(callId, talk);
      talk[isDialed ? 'dialedIds' : 'partyIds'].push(channelId);
      talk.isWhole ||= !isSeen;
    }
    return [...talks.values()];
  }
}
