import { Type, type Static } from 'typebox';
import { hashToken } from '../auth/secret-token.ts';
import type { Tx } from '../db/query.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { App } from '../http/app-type.ts';
import { changeSurvey } from './change-survey.ts';
import { linkPage, messagePage } from './link-page-rules.ts';
import { linkWords } from './link-words.ts';
import { listCells, lockCell } from './pace-queries.ts';
import { findByLink, findMatter, findQuestions, listAnswers } from './queries.ts';
import { isFull } from './quota-rules.ts';
import { withSurvey } from './settle-surveys.ts';
import type { Survey } from './survey.ts';
import { takeAnswers } from './take-answers.ts';

const params = Type.Object({ token: Type.String({ pattern: '^[A-Za-z0-9_-]{22}$' }) });
const querystring = Type.Object({ lang: Type.Enum(['zh', 'en'], { default: 'zh' }) });
type Asked = { Params: Static<typeof params>; Querystring: Static<typeof querystring> };
const rateLimit = { max: 30, timeWindow: 60_000 };
const config = { permission: 'public', rateLimit } as const;

/** Whoever has the link answers, once. Nothing on the page tells who the citizen is, nor what a confidential case is about. */
export function registerSurveyLinkRoutes(app: App, deps: Deps): void {
  void app.register((scope, _options, done) => {
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: 16_384 }, (_request, body, parsed) => parsed(null, Object.fromEntries(new URLSearchParams(body as string))));
    const html = (reply: { header: (name: string, value: string) => unknown }): void => {
      reply.header('content-type', 'text/html; charset=utf-8');
      reply.header('cache-control', 'no-store');
      reply.header('referrer-policy', 'no-referrer');
    };
    scope.get<Asked>('/s/:token', { config, schema: { params, querystring, hide: true } }, async (request, reply) => {
      html(reply);
      const { lang } = request.query;
      const one = await findByLink(deps.pool, hashToken(request.params.token), deps.now());
      if (!one) return reply.code(410).send(messagePage(lang, linkWords[lang].over));
      const isCampaign = one.campaignId !== null;
      const [questions, answers] = [await findQuestions(deps.pool, one), await listAnswers(deps.pool, one.id)];
      const matter = isCampaign ? null : await findMatter(deps.pool, one.caseId);
      return reply.send(linkPage({ language: lang, questions, answered: answers.map((answer) => answer.code), matter, isCampaign }));
    });

    scope.post<Asked>('/s/:token', { config, schema: { params, querystring, body: Type.Record(Type.String({ maxLength: 40 }), Type.String({ maxLength: 500 })), hide: true } }, async (request, reply) => {
      html(reply);
      const { lang } = request.query;
      const say = (what: string): string => messagePage(lang, what);
      const { over, incomplete, full, callback, campaign } = linkWords[lang];
      const known = await findByLink(deps.pool, hashToken(request.params.token), deps.now());
      const { words = '', refuse, ...values } = request.body as Record<string, string>;
      // A box that was left empty is no answer.
      const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ''));
      const taken = known && await withSurvey(deps, known.id, async (tx, one, at) => {
        if (one.state !== 'by_sms' || !one.linkExpiresAt || one.linkExpiresAt <= at) return 'over';
        if (refuse === 'yes') await changeSurvey(tx, one, 'refuse', at, { endedBy: 'web' });
        else if (await isTooLate(tx, one)) {
          await changeSurvey(tx, one, 'withdraw', at, { endedBy: 'system' });
          return 'full';
        } else await takeAnswers(tx, one, { values: given, words: words.trim() || null, by: 'web', userId: null }, at);
        return 'taken';
      }).catch((error: unknown) => {
        if (error instanceof AppError) return null;
        throw error;
      });
      if (taken === null) return reply.code(422).send(say(incomplete));
      if (taken === 'full') return reply.code(410).send(say(full));
      return taken === 'taken' ? reply.send(say((known?.campaignId ? campaign : callback).thanks)) : reply.code(410).send(say(over));
    });
    done();
  });
}

/** Others of the same cell were quicker. Two who answer at once take turns. */
async function isTooLate(tx: Tx, { campaignId, cell }: Survey): Promise<boolean> {
  if (campaignId === null || cell === null) return false;
  await lockCell(tx, campaignId, cell);
  const own = (await listCells(tx, campaignId)).find((one) => one.cell === cell);
  return own !== undefined && isFull(own);
}
