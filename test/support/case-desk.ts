import type pg from 'pg';
import type { Role } from '../../src/auth/permissions.ts';
import { ask, enter, type Answer, type Person } from './people.ts';
import { growUnit } from './unit-tree.ts';

type Life = { state: string; dueAt: string | null; warnAt: string | null; leadUnitId: string | null; light: string | null; returnCount: number; isSupervised: boolean; deadlineCode: string | null;
  parts: { id: string; unitId: string; role: string; endedWhy: string | null; signedAt: string | null; signDueAt: string }[]; requests: { kind: string; isGranted: boolean | null }[]; feedbacks: { isAccepted: boolean | null; outcome: string }[] };
export type Shown = { id: string; number: string; state: string; version: number; dueAt: string | null; allowedActions: string[] };

/** A hotline's people and a small tree of units: the city has a roads office with a street below it, and a water company. */
export async function caseDesk(pool: pg.Pool, origin: string) {
  const city = await growUnit(pool, '甲市');
  const [roads, water] = [await growUnit(pool, '道路处', city), await growUnit(pool, '自来水公司', city)];
  const street = await growUnit(pool, '锦麦街道', roads);
  const person = (role: Role, unitId: string | null = null) => enter(pool, [role], false, unitId);
  const people = {
    operator: await person('operator'), dispatcher: await person('dispatcher'), manager: await person('supervisor'), callback: await person('callback'), leader: await person('leader'),
    roads: await person('unit_handler', roads), water: await person('unit_handler', water), street: await person('unit_handler', street), city: await person('unit_head', city),
  };
  const post = (as: Person, path: string, body: object = {}): Promise<Answer> => ask(origin, 'POST', path, { as, body });
  const show = async (id: string): Promise<Shown> => (await ask(origin, 'GET', `/api/cases/${id}`, { as: people.dispatcher })).body as unknown as Shown;
  const life = async (id: string, as: Person = people.dispatcher): Promise<Life> => (await ask(origin, 'GET', `/api/cases/${id}/life`, { as })).body as unknown as Life;
  /** An act, with the version of now. */
  const act = async (as: Person, id: string, name: string, body: object = {}): Promise<Answer> => post(as, `/api/cases/${id}/acts/${name}`, { version: (await show(id)).version, ...body });
  /** As `act`, and it must be taken. */
  const done = async (as: Person, id: string, name: string, body: object = {}): Promise<Shown> => {
    const answer = await act(as, id, name, body);
    if (answer.status !== 200) throw new Error(`${name}: ${answer.status} ${answer.text}`);
    return answer.body as unknown as Shown;
  };
  /** A case that the desk saved for dispatch. */
  const saved = async (fields: object = {}, phone = '13800005555'): Promise<string> => {
    const { body: { id, version } } = await post(people.operator, '/api/cases', { channel: 'visit', phone });
    const given = { version, type: 'help', categoryCode: 'city-road', districtCode: (await pool.query<{ code: string }>('select code from districts limit 1')).rows[0]?.code, cause: '锦麦街路面有坑', ...fields };
    const edited = await ask(origin, 'PATCH', `/api/cases/${String(id)}`, { as: people.operator, body: given });
    const answer = await post(people.operator, `/api/cases/${String(id)}/actions/save_for_dispatch`, { version: edited.body['version'] });
    if (answer.status !== 200) throw new Error(answer.text + edited.text);
    return String(id);
  };
  return { units: { city, roads, water, street }, people, post, show, life, act, done, saved };
}
