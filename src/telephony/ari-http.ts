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

/** No ARI command waits longer, milliseconds. */
const requestTimeoutMs = 5_000;
// Below http.conf's sessionlimit, with room for several services; requests beyond it wait here, not in Asterisk.
const agent = new http.Agent({ keepAlive: true, maxSockets: 40 });
const credentials = new Map<string, string>();

type SwaggerRequest = {
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly on: { readonly response: (answer: object) => void; readonly error: (error: Error) => void };
};

/**
 * Replaces the HTTP client inside ari-client, whose operations never settle when a connection is refused,
 * reset or silent, lose the HTTP status, and share one credential in the process.
 */
export function installAriHttp(baseUrl: string, user: string, password: string): void {
  credentials.set(new URL(baseUrl).origin, `${user}:${password}`);
  const swagger = createRequire(createRequire(import.meta.url).resolve('ari-client'))('swagger-client') as {
    ShredHttpClient: { prototype: { execute: (request: SwaggerRequest) => void } };
  };
  swagger.ShredHttpClient.prototype.execute = execute;
}

function execute(request: SwaggerRequest): void {
  send(request).then(request.on.response, request.on.error);
}

async function send(request: SwaggerRequest): Promise<object> {
  const answer = await requestAri(request.method, request.url, request.body);
  if (answer.status >= 400) throw new AriError(answer.status, `ARI ${answer.status}: ${answer.text.slice(0, 200)}`);
  return { status: answer.status, headers: {}, url: request.url, method: request.method, data: answer.text, obj: answer.text ? (JSON.parse(answer.text) as unknown) : {} };
}

/** One HTTP request to Asterisk, with credentials and a time limit. Throws AriError with status 0 without an answer. */
export async function requestAri(method: string, url: string, body?: unknown): Promise<{ status: number; text: string }> {
  const payload = body === undefined || body === null ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(new AriError(0, `Asterisk did not answer: ${error.message}`, { cause: error }));
    const sent = http.request(url, {
      method, agent, auth: credentials.get(new URL(url).origin) ?? null, signal: AbortSignal.timeout(requestTimeoutMs),
      headers: payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) },
    }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
    });
    sent.on('error', fail);
    sent.end(payload);
  });
}
