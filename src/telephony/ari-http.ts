import { createRequire } from 'node:module';
import { errors, Pool } from 'undici';

/** An ARI request that failed; `status` is 0 when no answer came (refused, reset, timed out). */
export class AriError extends Error {
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AriError';
    this.status = status;
  }
}

/** The answer, or undefined when Asterisk has no such object. */
export async function unlessMissing(command: Promise<unknown>): Promise<unknown> {
  try {
    return await command;
  } catch (error) {
    if (error instanceof AriError && error.status === 404) return undefined;
    throw error;
  }
}

/** Sockets to one Asterisk: below http.conf's sessionlimit, with room for several services; requests beyond wait here, not there. */
const connections = 40;

type Server = { readonly origin: string; readonly authorization: string; readonly timeoutMs: number; pool: Pool };
type Access = { readonly url: string; readonly user: string; readonly password: string; /** No command waits longer, milliseconds. */ readonly requestTimeoutMs?: number };
type Answer = { readonly status: number; readonly text: string };
type SwaggerRequest = {
  readonly url: string;
  readonly method: string;
  readonly body?: unknown;
  readonly on: { readonly response: (answer: object) => void; readonly error: (error: Error) => void };
};

/** By origin, so that two Asterisks may have different passwords; ari-client knows one for the whole process. */
const servers = new Map<string, Server>();

/**
 * Replaces the HTTP client inside ari-client, whose operations never settle when a connection is refused,
 * reset or silent, lose the HTTP status, and share one credential in the process.
 */
export function installAriHttp({ url, user, password, requestTimeoutMs = 5_000 }: Access): void {
  const { origin } = new URL(url);
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  servers.set(origin, { origin, authorization, timeoutMs: requestTimeoutMs, pool: new Pool(origin, { connections }) });
  const swagger = createRequire(createRequire(import.meta.url).resolve('ari-client'))('swagger-client') as {
    ShredHttpClient: { prototype: { execute: (request: SwaggerRequest) => void } };
  };
  swagger.ShredHttpClient.prototype.execute = execute;
  // swagger-client prints to stdout through a global `log` of its own, into the middle of our log lines.
  Object.assign(globalThis, { log: () => undefined });
}

/** Closes the sockets when the commands under way are over; a later command opens new ones. */
export async function closeIdleSockets(baseUrl: string): Promise<void> {
  const server = servers.get(new URL(baseUrl).origin);
  if (!server) return;
  const { pool } = server;
  server.pool = new Pool(server.origin, { connections });
  await pool.close();
}

function execute(request: SwaggerRequest): void {
  askAri(request.method.toUpperCase(), request.url, request.body)
    .then((obj) => request.on.response({ status: 200, data: JSON.stringify(obj), obj }))
    .catch(request.on.error)
    // swagger-client tells ari-client, which rejects, and then throws the same text, which would end the process.
    .catch(() => undefined);
}

/** One ARI request and what came back, parsed. Throws AriError for every status but success, and for what is no JSON. */
export async function askAri(method: string, url: string, body?: unknown, stop?: AbortSignal): Promise<unknown> {
  const { status, text } = await sendRequest(method, url, body, stop);
  const what = `ARI ${method} ${new URL(url).pathname}`;
  if (status < 200 || status >= 300) throw new AriError(status, `${what}: ${status} ${text.slice(0, 200)}`);
  try {
    return text ? (JSON.parse(text) as unknown) : undefined;
  } catch (error) {
    throw new AriError(status, `${what}: the answer is not JSON`, { cause: error });
  }
}

async function sendRequest(method: string, url: string, body: unknown, stop: AbortSignal | undefined, mayRepeat = true): Promise<Answer> {
  const { origin, pathname, search } = new URL(url);
  const server = servers.get(origin);
  if (!server) throw new Error('an ARI request to a server that nobody named');
  const payload = body === undefined || body === null ? null : typeof body === 'string' ? body : JSON.stringify(body);
  const life = new AbortController();
  const timer = setTimeout(() => life.abort(new Error('timed out')), server.timeoutMs);
  const end = (): void => life.abort(new Error('stopped'));
  let isStale = false;
  stop?.addEventListener('abort', end);
  try {
    if (stop?.aborted) end();
    const { statusCode, body: answer } = await server.pool.request({
      method, path: pathname + search, body: payload, signal: life.signal,
      headers: payload === null ? { authorization: server.authorization } : { authorization: server.authorization, 'content-type': 'application/json' },
    }).catch((error: unknown) => {
      // Asterisk closes sockets that wait long; one that was used before and is closed in that moment proves nothing, and each command may be given twice.
      isStale = error instanceof errors.SocketError && (error.socket?.bytesRead ?? 0) > 0;
      throw error;
    });
    return { status: statusCode, text: await answer.text() };
  } catch (error) {
    if (isStale && mayRepeat && !life.signal.aborted) return await sendRequest(method, url, body, stop, false);
    throw new AriError(0, `Asterisk did not answer: ${(error as Error).message}`, { cause: error });
  } finally {
    clearTimeout(timer);
    stop?.removeEventListener('abort', end);
  }
}
