import type { ApiClient } from '../phones/api-client.ts';
import { SetupError } from '../stack/settings.ts';
import { say, until } from './stage.ts';

/** What GET /api/calls/:callId tells of a call, as far as the watch reads it. */
export type CallView = { readonly state: string; readonly caseNumber: string | null; readonly endedBy: string | null; readonly legs: LegView[]; readonly talks: TalkView[] };
type LegView = {
  readonly id: string; readonly role: string; readonly state: string; readonly isHeld: boolean; readonly number: string | null; readonly outcome: string | null;
  readonly startedAt: string; readonly ringingAt: string | null; readonly answeredAt: string | null; readonly endedAt: string | null;
};
type TalkView = { readonly startedAt: string; readonly endedAt: string | null; readonly legIds: string[] };
type Line = { readonly at: string; readonly text: string };

/** Follows a call from its first leg to its last, and says who comes, who goes and who hears whom, as the API tells it. */
export class CallWatch {
  readonly #api: ApiClient;
  readonly #path: string;
  readonly #said = new Set<string>();
  #call: CallView | undefined;

  constructor(api: ApiClient, callId: string) {
    this.#api = api;
    this.#path = `/api/calls/${callId}`;
  }

  async untilEnd(): Promise<CallView> {
    return until(async () => {
      const seenAt = new Date().toISOString();
      const call = await this.#api.get<CallView>(this.#path);
      this.#tell(call, seenAt);
      this.#call = call;
      return isOver(call) && call;
    }, 'the call to end', 120);
  }

  /** Exactly these hear each other now. */
  async untilHeard(...roles: string[]): Promise<void> {
    const wanted = between(roles);
    await until(async () => {
      const call = this.#call;
      if (call && isOver(call)) throw new SetupError(`The call ended before ${wanted} heard each other. GET ${this.#path}/events tells its course.`);
      return call?.talks.some((talk) => talk.endedAt === null && namesOf(call, talk) === wanted);
    }, `${wanted} to hear each other`, 60);
  }

  #tell(call: CallView, seenAt: string): void {
    const lines = [...call.legs.flatMap((leg) => this.#legLines(leg, seenAt)), ...call.talks.map((talk) => ({ at: talk.startedAt, text: `${namesOf(call, talk)} hear each other` }))];
    const news = lines.filter(({ at, text }) => !this.#said.has(`${at} ${text}`));
    for (const { at, text } of news.sort((one, other) => one.at.localeCompare(other.at))) {
      this.#said.add(`${at} ${text}`);
      say(text, at);
    }
  }

  #legLines({ id, role, ...leg }: LegView, seenAt: string): Line[] {
    const wasHeld = this.#call?.legs.find((one) => one.id === id)?.isHeld ?? false;
    const hasArrived = leg.answeredAt === leg.startedAt; // called us, was not called
    const told = [
      { at: leg.startedAt, text: hasArrived ? `the ${role} is there` : `the ${role} is called${leg.number ? ` at ${leg.number}` : ''}` },
      { at: leg.ringingAt, text: `the ${role}'s phone rings` },
      { at: hasArrived ? null : leg.answeredAt, text: `the ${role} answers` },
      { at: leg.isHeld && !wasHeld && leg.state === 'up' ? seenAt : null, text: `the ${role} hears music` }, // the API does not tell since when
      { at: leg.endedAt, text: `the ${role} is gone${leg.outcome === 'answered' ? '' : ` (${leg.outcome ?? 'no outcome'})`}` },
    ];
    return told.flatMap(({ at, text }) => (at === null ? [] : [{ at, text }]));
  }
}

/** The service ends a call a moment before the last channel is gone. */
function isOver(call: CallView): boolean {
  return call.state === 'ended' && call.legs.every((leg) => leg.state === 'ended');
}

export function namesOf(call: CallView, talk: TalkView): string {
  return between(talk.legIds.map((id) => call.legs.find((leg) => leg.id === id)?.role ?? 'somebody'));
}

export function between(roles: readonly string[]): string {
  return roles.toSorted().join(' ↔ ');
}
