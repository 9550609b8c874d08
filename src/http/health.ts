import { Type } from 'typebox';
import type { App } from './app-type.ts';

export type HealthCheck = { readonly name: string; readonly check: () => Promise<unknown> };

const checkTimeoutMs = 2_000;

/**
 * A watcher is never turned away because others behind its address ask a lot; each look at the parts costs, so those have
 * a limit of their own.
 */
export function registerHealthRoutes(app: App, checks: readonly HealthCheck[]): void {
  const config = { permission: 'public' } as const;
  const Live = Type.Object({ status: Type.Literal('ok') });
  app.get('/health/live', { config: { ...config, rateLimit: false }, schema: {
    summary: 'The process runs',
    response: { 200: Live },
  } }, () => ({ status: 'ok' as const }));
  const Ready = Type.Object({ status: Type.String(), missing: Type.Array(Type.String()) });
  app.get('/health/ready', {
    config: { ...config, rateLimit: { max: 1_200, timeWindow: 60_000 } }, schema: {
      summary: 'Calls can be served; names what is missing',
      response: { 200: Ready, 503: Ready },
    },
  }, async (_request, reply) => {
    const missing = (await Promise.all(checks.map(async (one) => ((await passes(one)) ? null : one.name)))).filter((name) => name !== null);
    return reply.code(missing.length > 0 ? 503 : 200).send({ status: missing.length > 0 ? 'missing' : 'ok', missing });
  });
}

async function passes(one: HealthCheck): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(new Error('too slow')), checkTimeoutMs); });
    await Promise.race([one.check(), late]);
    return true;
  } catch {
    return false; // the answer names the part; its own log line says why
  } finally {
    clearTimeout(timer);
  }
}
