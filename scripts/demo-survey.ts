import { randomInt } from 'node:crypto';
import { followCall } from './demo/call-course.ts';
import { openHours } from './demo/hours.ts';
import { atEnd, runDemo, say, until, type Stage } from './demo/stage.ts';
import { openUnit } from './demo/unit.ts';
import { ApiClient } from './phones/api-client.ts';
import { SetupError } from './stack/settings.ts';

/*
 * One callback survey through the running stack: an operator opens a case, the dispatcher sends it to a unit, the unit hands in a result, the dispatcher
 * accepts it; then the machine calls the citizen, a SIPp phone that presses keys, and the case is closed. Prints each step as it happens.
 */
type Case = { readonly id: string; readonly number: string; readonly version: number; readonly state: string };
type Survey = { readonly id: string; readonly state: string; readonly callId: string | null; readonly nextTryAt: string | null };
type Answer = { readonly code: string; readonly value: string | null };

/** 1: it is me; contacted, solved, satisfied. */
const pressed = ['1', '1', '1', '1'].map((key) => ({ key, afterMs: 2_500 }));
const unitCode = 'Q01-S01';

async function main(stage: Stage): Promise<void> {
  const { first } = stage;
  const [operator, dispatcher, callback, unit] = [await logIn(stage, first.operators[0]), await logIn(stage, first.desk.find((one) => one.login === 'dispatcher')),
    await logIn(stage, first.desk.find((one) => one.login === 'callback')), await logIn(stage, first.unitStaff.find((one) => one.unit === unitCode))];
  await openHours(stage);
  const citizen = await openUnit(stage, 'phone-keys', { RING_MS: 1_500 }, pressed);
  const { id, number } = await openCase(operator);
  await handle({ dispatcher, unit }, id);
  const survey = await until(async () => (await surveysOf(callback, id)).find((one) => one.state !== 'due'), 'the survey to begin', 30);
  await followCall(callback, String(survey.callId));
  await citizen.done;
  const { answers } = await callback.get<{ answers: Answer[] }>(`/api/surveys/${survey.id}`);
  say(`Answers: ${answers.map(({ code, value }) => `${code} = ${value ?? '–'}`).join(', ')}`);
  const state = await until(async () => { const now = (await dispatcher.get<Case>(`/api/cases/${id}`)).state; return now !== 'callback' && now; }, 'the case to be closed');
  if (state !== 'closed') throw new SetupError(`The case stands in ${state}. GET /api/cases/${id}/events tells its course.`);
  say(`The citizen is content: case ${number} is closed.`);
}

async function logIn({ api }: Stage, account: { login: string; password: string } | undefined): Promise<ApiClient> {
  const client = new ApiClient(api.origin);
  if (!account) throw new SetupError('first-run.json names no such person: this hotline was not started with the demonstration’s people.');
  await client.logIn(account.login, account.password).catch((error: unknown) => { throw new SetupError(`${account.login} could not log in (${(error as Error).message}). Give them the password that stands in first-run.json.`); });
  const me = await client.send('GET', '/api/units?limit=1');
  if (!me.ok) throw new SetupError(`${account.login} must change the password first; this demonstration needs the one that stands in first-run.json.`);
  atEnd(() => client.send('POST', '/api/auth/logout'));
  return client;
}

async function openCase(operator: ApiClient): Promise<Case> {
  const phone = `1380000${String(randomInt(1_000, 10_000))}`;
  const draft = await operator.post<Case>('/api/cases', { channel: 'visit', phone });
  const answer = await operator.send('PATCH', `/api/cases/${draft.id}`, { version: draft.version, type: 'help', categoryCode: 'city-road', districtCode: '330102', cause: '锦麦街路面有坑' });
  const { version } = (await answer.json()) as Case;
  const saved = await operator.post<Case>(`/api/cases/${draft.id}/actions/save_for_dispatch`, { version });
  say(`Case ${saved.number}: ${phone} says that there is a hole in Jinmai street (锦麦街路面有坑)`);
  return saved;
}

/** From the saved case to the accepted result. */
async function handle({ dispatcher, unit }: Record<'dispatcher' | 'unit', ApiClient>, caseId: string): Promise<void> {
  const act = async (who: ApiClient, name: string, body: object = {}): Promise<void> => {
    const { version } = await who.get<Case>(`/api/cases/${caseId}`);
    const { state } = await who.post<Case>(`/api/cases/${caseId}/acts/${name}`, { version, ...body });
    say(`POST acts/${name.padEnd(16)} → ${state}`);
  };
  const street = (await dispatcher.get<{ items: { id: string; code: string }[] }>(`/api/units?q=${unitCode}`)).items.find((one) => one.code === unitCode);
  await act(dispatcher, 'dispatch', { leadUnitId: street?.id });
  await act(unit, 'sign');
  await act(unit, 'hand-in', { outcome: 'solved', publicReply: '坑已填平' });
  await act(dispatcher, 'accept-feedback');
}

async function surveysOf(callback: ApiClient, caseId: string): Promise<Survey[]> {
  return (await callback.get<{ items: Survey[] }>(`/api/surveys?caseId=${caseId}`)).items;
}

await runDemo(main);
