import type { FirstRun } from '../phones/api-client.ts';
import { startSipp, type Sipp, type SippOptions } from '../phones/sipp.ts';
import { freeUdpPort } from '../stack/ports.ts';
import { SetupError } from '../stack/settings.ts';
import { atEnd, play, say, until, type Stage } from './stage.ts';

type Seat = FirstRun['seats'][number];
type SeatView = { readonly id: string; readonly state: string; readonly isRegistered: boolean };

/** A free seat with an operator and a phone that plays `scenario` for the next call; ready when this resolves, left as it was found at the end. */
export async function staffSeat(stage: Stage, scenario: string, values: SippOptions['values'] = {}): Promise<Sipp> {
  const { settings, root, api } = stage;
  const seat = await takeSeat(stage);
  const phone = { service: seat.sipUser, user: seat.sipUser, password: seat.sipPassword, remoteHost: settings.reach, remotePort: settings.ports.seatSip, localPort: await freeUdpPort() };
  const register = (expires: number): Promise<number> => startSipp(root, { ...phone, scenario: 'seat-register', values: { EXPIRES: expires } }).done;
  atEnd(() => register(0));
  if ((await register(180)) !== 0) throw new SetupError(`The phone of seat ${seat.seat} could not register at ${settings.reach}:${settings.ports.seatSip}; log/asterisk.log of the data folder may say why.`);
  say(`Seat ${seat.seat} registered by SIP`);
  await until(async () => (await api.get<SeatView>(`/api/seats/${seat.seat}`)).isRegistered, `seat ${seat.seat} to be seen registered`);
  const answering = play(stage, { ...phone, scenario, values });
  await api.post(`/api/seats/${seat.seat}/actions/ready`);
  say(`Seat ${seat.seat} is ready`);
  return answering;
}

/** Signs an operator of the first run in at a seat where nobody sits and no phone is registered. */
async function takeSeat({ api, first: { operators, seats } }: Stage): Promise<Seat> {
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
      atEnd(() => api.send('POST', `/api/seats/${free.seat}/actions/sign_out`));
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
