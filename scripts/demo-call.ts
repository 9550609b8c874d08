import { dialIn, untilPhonesAreDown } from './demo/citizen.ts';
import { staffSeat } from './demo/seat.ts';
import { runDemo, say, until, type Stage } from './demo/stage.ts';
import type { ApiClient } from './phones/api-client.ts';
import { SetupError } from './stack/settings.ts';

/*
 * One real call through the running stack: a SIPp seat registers and signs in, a SIPp citizen dials 12345,
 * they talk, the seat hangs up. Prints the timeline as it happens, and leaves the seat as it was found: signed out.
 */
type CallView = { readonly caseNumber: string | null; readonly outcome: string | null };
type EventView = { readonly id: number; readonly at: string; readonly type: string; readonly fromState: string | null; readonly toState: string };

async function main(stage: Stage): Promise<void> {
  const operator = await staffSeat(stage, 'seat-hangs-up', { RING_MS: 1_500, TALK_MS: 5_000 });
  const { callId, phone } = await dialIn(stage);
  const call = await followCall(stage.api, callId);
  await untilPhonesAreDown(phone, operator);
  if (call.outcome !== 'answered' || !call.caseNumber) throw new SetupError(`The call was not answered: ${call.outcome ?? 'no outcome'}. GET /api/calls/${callId}/events tells its course.`);
  say(`The call was answered. Its case is ${call.caseNumber}: GET /api/cases shows it.`);
}

async function followCall(api: ApiClient, callId: string): Promise<CallView> {
  const seen = new Set<number>();
  const isOver = async (): Promise<boolean> => {
    const events = (await api.get<{ items: EventView[] }>(`/api/calls/${callId}/events`)).items.filter((event) => !seen.has(event.id));
    for (const event of events) {
      say(`${event.type.padEnd(18)} ${event.fromState ?? '–'} → ${event.toState}`, event.at);
      if (seen.size === 0) say(`Case ${(await api.get<CallView>(`/api/calls/${callId}`)).caseNumber ?? 'none yet'}`);
      seen.add(event.id);
    }
    return events.some((event) => event.toState === 'ended');
  };
  await until(isOver, 'the call to end', 120);
  return api.get<CallView>(`/api/calls/${callId}`);
}

await runDemo(main);
