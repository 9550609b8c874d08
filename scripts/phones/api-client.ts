import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type FirstRun = {
  readonly admin: Login; readonly supervisor: Login; readonly operators: Login[];
  readonly desk: Login[]; readonly unitStaff: (Login & { readonly unit: string })[];
  readonly seats: { readonly seat: string; readonly sipUser: string; readonly sipPassword: string }[];
};
type Login = { readonly login: string; readonly password: string };

export function readFirstRun(dataDir: string): FirstRun {
  return JSON.parse(readFileSync(join(dataDir, 'first-run.json'), 'utf8')) as FirstRun;
}

/** The hotline's API as one logged-in person; refusals become exceptions with the problem's text. */
export class ApiClient {
  readonly origin: string;
  #cookie = '';

  constructor(origin: string) {
    this.origin = origin;
  }

  get cookie(): string {
    return this.#cookie;
  }

  async logIn(login: string, password: string): Promise<void> {
    const answer = await this.send('POST', '/api/auth/login', { login, password });
    if (!answer.ok) throw new Error(`login refused: ${await answer.text()}`);
    this.keepSession(answer);
  }

  /** A login's answer: what follows is sent as that person. */
  keepSession(answer: Response): void {
    this.#cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  }

  async send(method: string, path: string, body?: object): Promise<Response> {
    return fetch(this.origin + path, { method, headers: { cookie: this.#cookie, ...(body ? { 'content-type': 'application/json' } : {}) }, ...(body ? { body: JSON.stringify(body) } : {}) });
  }

  async get<Answer>(path: string): Promise<Answer> {
    return this.#read<Answer>(await this.send('GET', path));
  }

  async post<Answer>(path: string, body?: object): Promise<Answer> {
    return this.#read<Answer>(await this.send('POST', path, body));
  }

  async #read<Answer>(answer: Response): Promise<Answer> {
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${answer.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as Answer;
  }
}
