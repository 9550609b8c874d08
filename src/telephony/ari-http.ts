import http from 'node:http';
import { createRequire } from 'node:module';

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
const mostSockets = 40;

type Server = { readonly auth: string; readonly agent: http.Agent; readonly timeoutMs: number };
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
  const agent = new http.Agent({ keepAlive: true, maxSockets: mostSockets });
  servers.set(new URL(url).origin, { auth: `${user}:${password}`, agent, timeoutMs: requestTimeoutMs });
  const swagger = createRequire(createRequire(import.meta.url).resolve('ari-client'))('swagger-client') as {
    ShredHttpClient: { prototype: { execute: (request: SwaggerRequest) => void } };
  };
  swagger.ShredHttpClient.prototype.execute = execute;
  // swagger-client prints to stdout through a global `log` of its own, into the middle of our log lines.
  Object.assign(globalThis, { log: () => undefined });
}

/** Closes the sockets that wait for a next command; commands under way go on. */
export function closeIdleSockets(baseUrl: string): void {
  const idle = servers.get(new URL(baseUrl).origin)?.agent.freeSockets ?? {};
  for (const socket of Object.values(idle).flat()) socket?.destroy();
}

function execute(request: SwaggerRequest): void {
  askAri(request.method, request.url, request.body)
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

async function sendRequest(method: string, url: string, body: unknown, stop: AbortSignal | undefined): Promise<Answer> {
  const server = servers.get(new URL(url).origin);
  if (!server) throw new Error('an ARI request to a server that nobody named');
  const payload = body === undefined || body === null ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = http.request(url, {
      method, auth: server.auth, agent: server.agent,
      headers: payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) },
    }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
    });
    const timer = setTimeout(() => sent.destroy(new Error('timed out')), server.timeoutMs);
    const end = (): void => { sent.destroy(new Error('stopped')); };
    function fail(error: NodeJS.ErrnoException): void {
      // Asterisk closes sockets that wait long; one that was used again in that moment proves nothing, and each command may be given twice.
      if (sent.reusedSocket && error.code === 'ECONNRESET') resolve(sendRequest(method, url, body, stop));
      else reject(new AriError(0, `Asterisk did not answer: ${error.message}`, { cause: error }));
    }
    sent.on('error', fail);
    sent.on('close', () => {
      clearTimeout(timer);
      stop?.removeEventListener('abort', end);
    });
    stop?.addEventListener('abort', end);
    sent.end(payload);
  });
}
