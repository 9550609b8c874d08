import { followCall } from './demo/call-course.ts';
import { dialIn, untilPhonesAreDown } from './demo/citizen.ts';
import { staffSeat } from './demo/seat.ts';
import { runDemo, say, type Stage } from './demo/stage.ts';
import { SetupError } from './stack/settings.ts';

/*
 * One real call through the running stack: a SIPp seat registers and signs in, a SIPp citizen dials 12345,
 * they talk, the seat hangs up. Prints the timeline as it happens, and leaves the seat as it was found: signed out.
 */
type CallView = { readonly caseNumber: string | null; readonly outcome: string | null };

async function main(stage: Stage): Promise<void> {
  const operator = await staffSeat(stage, 'seat-hangs-up', { RING_MS: 1_500, TALK_MS: 5_000 });
  const { callId, phone } = await dialIn(stage);
  const show = (): Promise<CallView> => stage.api.get<CallView>(`/api/calls/${callId}`);
  await followCall(stage.api, callId, async () => say(`Case ${(await show()).caseNumber ?? 'none yet'}`));
  const call = await show();
  await untilPhonesAreDown(phone, operator);
  if (call.outcome !== 'answered' || !call.caseNumber) throw new SetupError(`The call was not answered: ${call.outcome ?? 'no outcome'}. GET /api/calls/${callId}/events tells its course.`);
  say(`The call was answered. Its case is ${call.caseNumber}: GET /api/cases shows it.`);
}

await runDemo(main);
