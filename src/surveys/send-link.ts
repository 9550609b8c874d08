import { randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { hashToken } from '../auth/secret-token.ts';
import { findIdentity } from '../cases/identity/queries.ts';
import { execute, write, type Tx } from '../db/query.ts';
import type { Deps } from '../deps.ts';
import { insertSms } from '../sms/queries.ts';
import { changeSurvey } from './change-survey.ts';
import { insertTry } from './queries.ts';
import type { Survey } from './survey.ts';

/** Short, for a text message; tries are limited by the minute. The token itself stands nowhere but in the message. */
const tokenBytes = 16;

/** The survey goes on by a text message with a link that works once and until `expiresAt`. What the case is about does not stand in it: others read messages, too. */
export async function sendLink({ config }: Pick<Deps, 'config'>, tx: Tx, one: Survey, { expiresAt, at }: { expiresAt: Date; at: Date }): Promise<void> {
  const phone = (await findIdentity(tx, one.caseId))?.phone;
  if (!phone) return void (await changeSurvey(tx, one, 'give_to_person', at, { tries: one.tries }));
  const [token, messageId] = [randomBytes(tokenBytes).toString('base64url'), uuid()];
  const origin = config.HOTLINE_PUBLIC_ORIGIN || `http://${config.HOTLINE_HTTP_HOST}:${config.HOTLINE_HTTP_PORT}`;
  await changeSurvey(tx, one, 'send_link', at, { tries: one.tries, linkExpiresAt: expiresAt });
  await execute(tx, 'update surveys set link_hash = $2 where id = $1', [one.id, hashToken(token)]);
  await insertTry(tx, one.id, { by: 'sms', callId: null, at, outcome: null });
  const invitation = one.campaignId === null ? '您反映的事项已有办理结果，请点击评价' : '邀请您参加一次简短的民意调查，请点击作答';
  const text = `【12345热线】${invitation}：${origin}/s/${token} （${daysBetween(at, expiresAt)}天内有效）`;
  await write(tx, insertSms({ messageId, purpose: 'survey_link', subjectId: one.id, round: 1, recipient: phone, text, at, expiresAt }));
}

function daysBetween(from: Date, to: Date): number {
  return Math.max(1, Math.round((to.getTime() - from.getTime()) / 86_400_000));
}
