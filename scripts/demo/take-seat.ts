import type { ApiClient, FirstRun } from '../phones/api-client.ts';
import { SetupError } from '../stack/settings.ts';
import { say } from './say.ts';

type Seat = FirstRun['seats'][number];
type SeatView = { readonly id: string; readonly state: string; readonly isRegistered: boolean };

/** Signs an operator of the first run in at a seat where nobody sits and no phone is registered. */
export async function takeSeat(api: ApiClient, { operators, seats }: FirstRun, onEnd: (cleanUp: () => unknown) => void): Promise<Seat> {
  const refusals: string[] = [];
  for (const { login, password } of operators) {
    const answer = await api.send('POST', '/api/auth/login', { login, password }).catch((cause: unknown) => {
      throw new SetupError(`No hotline answers at ${api.origin}. Run \`npm start\` first; if it has settings of its own, give this command the same.`, { cause });
    });
    if (!answer.ok) {
      refusals.push(`${login}: ${await refusal(answer)}`);
      continue;
    }
    api.keepSession(answer);
    const shown = await api.send('GET', '/api/seats?limit=100');
    if (!shown.ok) { // a password that must be changed first
      refusals.push(`${login}: ${await refusal(shown)}`);
      continue;
    }
    const views = ((await shown.json()) as { items: SeatView[] }).items;
    const free = seats.find((seat) => views.some((view) => view.id === seat.seat && view.state === 'signed_out' && !view.isRegistered));
    if (!free) throw new SetupError('Every seat of first-run.json is taken. Sign an operator out, or end a softphone.');
    const signedIn = await api.send('POST', `/api/seats/${free.seat}/actions/sign_in`);
    if (signedIn.ok) {
      onEnd(() => api.send('POST', `/api/seats/${free.seat}/actions/sign_out`));
      say(`${login} signed in at seat ${free.seat}`);
      return free;
    }
    refusals.push(`${login}: ${await refusal(signedIn)}`);
  }
  throw new SetupError(`No operator of first-run.json can take a seat (${refusals.join('; ')}). Give one the password that stands there, or sign one out.`);
}

async function refusal(answer: Response): Promise<string> {
  return ((await answer.json()) as { title?: string }).title ?? String(answer.status);
}
