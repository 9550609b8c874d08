import pg from 'pg';
import type { TimeRange } from '../../src/calendar/opening-rules.ts';
import { nextDecentMoment } from '../../src/surveys/try-rules.ts';
import { databaseUrl } from '../stack/postgres.ts';
import { loadSecrets, SetupError } from '../stack/settings.ts';
import { atEnd, say, type Stage } from './stage.ts';

/** Citizens are called at decent hours only; a demonstration is for any hour, as long as no real citizen would be called because of it. */
export async function openHours({ settings }: Stage): Promise<void> {
  const client = new pg.Client({ connectionString: process.env['DATABASE_URL'] ?? databaseUrl(settings, loadSecrets(settings.dataDir)) });
  await client.connect();
  atEnd(() => client.end());
  const { rows: [found] } = await client.query<{ windows: string; others: number }>(`select windows::text, (select count(*)::integer from surveys where state in ('due', 'calling')) as others from survey_rules`);
  const now = new Date();
  if (!found || nextDecentMoment(JSON.parse(found.windows) as TimeRange[], now)?.getTime() === now.getTime()) return;
  if (found.others > 0) throw new SetupError(`It is no hour to call citizens, and ${found.others} surveys wait for one. Try again between ${hoursOf(found.windows)} (Asia/Shanghai).`);
  await client.query(`update survey_rules set windows = '[{"from": "00:00", "to": "24:00"}]'`);
  atEnd(() => client.query('update survey_rules set windows = $1', [found.windows]));
  say(`It is no hour to call citizens (${hoursOf(found.windows)}, Asia/Shanghai): the hours are opened for as long as this demonstration takes`);
}

function hoursOf(windows: string): string {
  return (JSON.parse(windows) as TimeRange[]).map(({ from, to }) => `${from}–${to}`).join(', ');
}
