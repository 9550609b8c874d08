import { CallWatch, between, namesOf, type CallView } from './demo/call-watch.ts';
import { dialIn, untilPhonesAreDown } from './demo/citizen.ts';
import { staffSeat } from './demo/seat.ts';
import { clock, rest, runDemo, say, type Stage } from './demo/stage.ts';
import { openUnit } from './demo/unit.ts';
import { SetupError } from './stack/settings.ts';

/*
 * One three-way call through the running stack: a citizen dials 12345, the operator consults a unit, joins all three and leaves;
 * citizen and unit go on until the unit hangs up. Prints who hears whom as it happens, and leaves the seat as it was found.
 */
const unitNumber = '057188880001';
const expected = [['citizen', 'operator'], ['operator', 'unit'], ['citizen', 'operator', 'unit'], ['citizen', 'unit']].map(between);

async function main(stage: Stage): Promise<void> {
  const unit = await openUnit(stage, 'seat-hangs-up', { RING_MS: 1_500, TALK_MS: 10_000 });
  const operator = await staffSeat(stage, 'seat-answers', { RING_MS: 1_500 });
  const { callId, phone } = await dialIn(stage);
  const watch = new CallWatch(stage.api, callId);
  const [call] = await Promise.all([watch.untilEnd(), operate(stage, callId, watch)]);
  await untilPhonesAreDown(phone, operator, unit);
  printTalks(call);
  const missing = expected.filter((names) => !call.talks.some((talk) => namesOf(call, talk) === names));
  if (missing.length > 0 || !call.caseNumber) throw new SetupError(`Not everything happened: ${missing.join(', ') || 'no case'} missing. GET /api/calls/${callId}/events tells its course.`);
  say(`All four talks happened; the ${call.endedBy ?? 'system'} hung up. The case is ${call.caseNumber}: GET /api/cases shows it.`);
}

/** What the operator does; whoever answers or hangs up does that by phone. */
async function operate({ api }: Stage, callId: string, watch: CallWatch): Promise<void> {
  const act = async (action: string, body?: object): Promise<void> => {
    say(`POST actions/${action} ${body ? JSON.stringify(body) : ''}`.trimEnd());
    await api.post(`/api/calls/${callId}/actions/${action}`, body);
  };
  await watch.untilHeard('citizen', 'operator');
  await rest(2_500);
  await act('consult', { target: { number: unitNumber } });
  await watch.untilHeard('operator', 'unit');
  await rest(2_500);
  await act('join');
  await watch.untilHeard('citizen', 'operator', 'unit');
  await rest(3_000);
  await act('leave');
  await watch.untilHeard('citizen', 'unit');
}

function printTalks(call: CallView): void {
  process.stdout.write('\nWho heard whom:\n');
  for (const talk of call.talks) {
    const sec = talk.endedAt ? ((Date.parse(talk.endedAt) - Date.parse(talk.startedAt)) / 1_000).toFixed(1).padStart(5) : '    –';
    process.stdout.write(`  ${clock(talk.startedAt)} – ${talk.endedAt ? clock(talk.endedAt) : 'now'.padEnd(12)} ${sec} s  ${namesOf(call, talk)}\n`);
  }
  process.stdout.write('\n');
}

await runDemo(main);
