import { Type } from 'typebox';
import { hashToken } from '../auth/secret-token.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { App } from '../http/app-type.ts';
import { changeSurvey } from './change-survey.ts';
import { linkPage, messagePage } from './link-page-rules.ts';
import { findByLink, findMatter, findQuestions, listAnswers } from './queries.ts';
import { withSurvey } from './settle-surveys.ts';
import { takeAnswers } from './take-answers.ts';

const params = Type.Object({ token: Type.String({ pattern: '^[A-Za-z0-9_-]{22}$' }) });
const rateLimit = { max: 30, timeWindow: 60_000 };
const config = { permission: 'public', rateLimit } as const;
const over = '此链接已失效，或评价已经提交。如有需要请拨打12345。';

/** Whoever has the link answers, once. Nothing on the page tells who the citizen is, nor what a confidential case is about. */
export function registerSurveyLinkRoutes(app: App, deps: Deps): void {
  void app.register((scope, _options, done) => {
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: 16_384 }, (_request, body, parsed) => parsed(null, Object.fromEntries(new URLSearchParams(body as string))));
    const html = (reply: { header: (name: string, value: string) => unknown }): void => {
      reply.header('content-type', 'text/html; charset=utf-8');
      reply.header('cache-control', 'no-store');
      reply.header('referrer-policy', 'no-referrer');
    };
    scope.get<{ Params: { token: string } }>('/s/:token', { config, schema: { params, hide: true } }, async (request, reply) => {
      html(reply);
      const one = await findByLink(deps.pool, hashToken(request.params.token), deps.now());
      if (!one) return reply.code(410).send(messagePage(over));
      const [questions, answers, matter] = [await findQuestions(deps.pool, one), await listAnswers(deps.pool, one.id), await findMatter(deps.pool, one.caseId)];
      return reply.send(linkPage({ questions, answered: answers.map((answer) => answer.code), matter }));
    });

    scope.post<{ Params: { token: string } }>('/s/:token', { config, schema: { params, body: Type.Record(Type.String({ maxLength: 40 }), Type.String({ maxLength: 500 })), hide: true } }, async (request, reply) => {
      html(reply);
      const known = await findByLink(deps.pool, hashToken(request.params.token), deps.now());
      const { words = '', refuse, ...values } = request.body as Record<string, string>;
      const isTaken = known && await withSurvey(deps, known.id, async (tx, one, at) => {
        if (one.state !== 'by_sms' || !one.linkExpiresAt || one.linkExpiresAt <= at) return false;
        if (refuse === 'yes') await changeSurvey(tx, one, 'refuse', at, { endedBy: 'web' });
        else await takeAnswers(tx, one, { values, words: words.trim() || null, by: 'web', userId: null }, at);
        return true;
      }).catch((error: unknown) => {
        if (error instanceof AppError) return null;
        throw error;
      });
      if (isTaken === null) return reply.code(422).send(messagePage('请回答每一个问题后再提交。'));
      return isTaken ? reply.send(messagePage('感谢您的评价！')) : reply.code(410).send(messagePage(over));
    });
    done();
  });
}
