import { searches } from './case-texts.ts';
import { ms, quantile, type Figure } from './figure.ts';
import { unitNumbers, type Cookies } from './fill-units.ts';

/** What is asked of the service: `n` is the how manieth. */
export type Measure = { readonly name: string; readonly most: number; readonly ask: (n: number) => Promise<unknown> };

const times = 200;
const warmUps = 20;
/** As many at once as there are cores. */
const workers = 2;
const [listMost, actMost] = [50, 20];

const said = { cause: '夜间施工噪声严重扰民', course: '近一周每晚十一点后仍在施工，老人孩子无法休息，希望尽快派人核实处理' };

/** `unitIds`: in the order of the units' numbers. `seen`: some cases to look at. */
type Place = { readonly origin: string; readonly cookies: Cookies; readonly unitIds: readonly string[]; readonly seen: readonly string[] };

/** Everything a person does with lists and cases, through the API, as different people and with different words. */
export function caseMeasures({ origin, cookies, unitIds, seen }: Place): Measure[] {
  const send = async <Body>(who: string, path: string, method = 'GET', body?: object): Promise<Body> => {
    const answer = await fetch(origin + path, {
      method, headers: { cookie: cookies.get(who) ?? '', ...(body ? { 'content-type': 'application/json' } : {}) }, ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok) throw new Error(`${method} ${path} as ${who}: ${answer.status} ${await answer.text()}`);
    return await answer.json() as Body;
  };
  const list = (name: string, who: (n: number) => string, path: (n: number) => string): Measure => ({ name, most: listMost, ask: (n) => send(who(n), path(n)) });
  const inbox = (name: string, who: (n: number) => string): Measure => list(`inbox of ${name}: counts`, who, () => '/api/inbox');
  const box = (name: string, who: (n: number) => string, query: string): Measure => list(`inbox of ${name}: ${query.replaceAll('&', ', ')}`, who, () => `/api/cases?box=${query}`);
  const find = (name: string, words: readonly string[], who: (n: number) => string, more = ''): Measure =>
    list(`search, ${name}`, who, (n) => `/api/cases?q=${encodeURIComponent(words[n % words.length] ?? '')}${more}`);
  const role = (name: string, count = 4) => (n: number): string => `bench-${name}-${n % count}`;
  const [operator, dispatcher, manager, callback] = [role('operator', 300), role('dispatcher'), role('supervisor'), role('callback')];
  const staff = (from: number, count: number) => (n: number): string => `bench-staff-${from + n % count}`;
  const [city, department, district, community] = [staff(0, 1), staff(1, 40), staff(41, 12), staff(293, 2_700)];
  const opened: { id: string; version: number }[] = [];
  const go = async (n: number, who: string, path: string, body: object, method = 'POST'): Promise<void> => {
    const one = opened[n];
    if (!one) throw new Error('no case was opened');
    one.version = (await send<{ version: number }>(who, `/api/cases/${one.id}${path}`, method, { version: one.version, ...body })).version;
  };
  const act = (name: string, ask: (n: number) => Promise<void>): Measure => ({ name: `act: ${name}`, most: actMost, ask });
  /** A community for each case. */
  const leadOf = (n: number): number => 293 + n * 13;
  return [
    inbox('an operator', operator), box('an operator', operator, 'mine'),
    inbox('a dispatcher', dispatcher), box('a dispatcher', dispatcher, 'dispatch'), box('a dispatcher', dispatcher, 'decide'), box('a dispatcher', dispatcher, 'review&light=red'),
    inbox('a manager', manager), box('a manager', manager, 'decide'),
    inbox('the callback group', callback), box('the callback group', callback, 'callback'),
    inbox('a community', community), box('a community', community, 'unit'), inbox('a department', department), box('a department', department, 'unit&light=yellow'),
    inbox('a district (250 units)', district), box('a district (250 units)', district, 'subtree'), inbox('the city (3,015 units)', city), box('the city (3,015 units)', city, 'subtree&dueToday=true'),
    list('list, newest', dispatcher, () => '/api/cases'), list('list, overdue', manager, () => '/api/cases?overdue=true&sort=due'),
    list('list, district and category and type', dispatcher, (n) => `/api/cases?district=33010${1 + n % 6}&category=city&type=complaint`),
    list('list, a month last year', manager, (n) => `/api/cases?state=archived,answered&from=${daysAgo(430 + n)}&to=${daysAgo(400 + n)}`),
    list('list, a district’s units', dispatcher, () => `/api/cases?unitId=${unitIds[unitNumbers.district] ?? ''}&type=help`), list('list, newest, as a district', district, () => '/api/cases'), list('list, newest, as a community', community, () => '/api/cases'),
    find('common words', searches.common, dispatcher), find('two words', searches.pairs, dispatcher), find('rare words', searches.rare, dispatcher), find('single letters', searches.letter, dispatcher),
    find('words in no case', searches.none, dispatcher), find('common words among the closed of a type', searches.common, dispatcher, '&state=closed,archived&type=praise'),
    find('common words, by deadline', searches.common, manager, '&sort=due'), find('common words, as a district', searches.common, district), find('rare words, as a district', searches.rare, district),
    find('common words, as a department', searches.common, department), find('common words, as a community', searches.common, community),
    find('by number', ['20260801', '20260415-0001'], dispatcher),
    { name: 'a case with its history', most: listMost, ask: async (n) => send(operator(n), `/api/cases/${seen[n % seen.length] ?? ''}`) },
    act('open a case, with the next number', async (n) => {
      opened[n] = await send(operator(n), '/api/cases', 'POST', { channel: 'visit', phone: '13900000001' });
    }),
    act('write what was said', (n) => go(n, operator(n), '', { type: 'complaint', categoryCode: 'city-noise', districtCode: '330102', place: '金麦路12号', ...said }, 'PATCH')),
    act('save for dispatch', (n) => go(n, operator(n), '/actions/save_for_dispatch', {})),
    act('dispatch', (n) => go(n, dispatcher(n), '/acts/dispatch', { leadUnitId: unitIds[leadOf(n)] })),
    act('sign', (n) => go(n, `bench-staff-${leadOf(n)}`, '/acts/sign', {})),
  ];
}

function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString();
}

/** How long each took, milliseconds, after some that do not count. */
export async function take(measure: Measure): Promise<number[]> {
  const took: number[] = [];
  const isAct = measure.most === actMost;
  // An act changes what it acts on: each of them counts.
  for (let n = 0; n < (isAct ? 0 : warmUps); n += 1) await measure.ask(n);
  let next = 0;
  await Promise.all(Array.from({ length: workers }, async () => {
    while (next < times) {
      const n = next;
      next += 1;
      const start = performance.now();
      await measure.ask(n);
      took.push(performance.now() - start);
    }
  }));
  return took;
}

export function figureOf({ name, most }: Measure, ours: readonly number[], few: readonly number[]): Figure {
  const [p50, p95, fewP50, fewP95] = [quantile(ours, 0.5), quantile(ours, 0.95), quantile(few, 0.5), quantile(few, 0.95)];
  return { name, ours: `${ms(p50)} / ${ms(p95)} (${(p95 / fewP95).toFixed(1)} ×)`, peer: `${ms(fewP50)} / ${ms(fewP95)}`, mark: `p95 ≤ ${most} ms`, isReached: p95 <= most, numbers: { p50, p95, fewP50, fewP95 } };
}
