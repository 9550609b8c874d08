import { Type } from 'typebox';
import { Id, Instant, NullableString, NullableTime, Time, pageQuery, uuidPattern } from '../../http/paging.ts';
import { CaseItem } from '../schemas.ts';
import { boxNames } from './boxes.ts';
import { lights } from './light-rules.ts';

const strict = { additionalProperties: false } as const;
const code = (description: string) => Type.Optional(Type.String({ maxLength: 64, description }));
/** Several values in one, parted by commas. */
const codes = (description: string) => Type.Optional(Type.String({ maxLength: 400, pattern: '^[a-z_]+(,[a-z_]+)*$', description: `${description}; several parted by commas` }));
const flag = (description: string) => Type.Optional(Type.Boolean({ description }));

/** What a list can be limited to, and what a saved filter keeps. */
const keptFields = {
  box: Type.Optional(Type.Enum([...boxNames], { description: 'A box of the inbox; open cases only' })),
  q: Type.Optional(Type.String({ maxLength: 200, description: 'Words of the texts, all of which must occur, or a case’s number or its first digits' })),
  state: codes('States'), type: codes('Types'), category: code('A category with those below it'), district: code('A district'), urgency: codes('Urgencies'), channel: codes('Channels'),
  unitId: Type.Optional(Type.String({ pattern: uuidPattern.source, description: 'A unit, with those below it, that has or had a part' })),
  light: Type.Optional(Type.Enum([...lights], { description: 'How open cases stand with their deadline' })),
  overdue: flag('Open and past the deadline'), dueToday: flag('Open and due until midnight in China'), supervised: flag('Under supervision'), confidential: flag('Confidential or not'),
  from: Type.Optional(Instant), to: Type.Optional(Instant), dueFrom: Type.Optional(Instant), dueTo: Type.Optional(Instant),
  number: Type.Optional(Type.String({ maxLength: 20 })), ownerId: Type.Optional(Id), mine: flag('My own'), leaderAnswered: flag('Answered by a leader on their day'),
  sort: Type.Optional(Type.Enum(['newest', 'due'], { description: 'due: open cases only, the most pressing first; the default for a box' })),
};
/** A caller's number is asked for and not kept. */
export const filterFields = { ...keptFields, phone: Type.Optional(Type.String({ maxLength: 40, description: 'The caller’s number; finds no confidential case' })) };
export const ListQuery = Type.Object({ ...pageQuery, ...filterFields }, strict);
export const SavedFields = Type.Object(keptFields, strict);
export const ExportQuery = Type.Object({ format: Type.Enum(['xlsx', 'csv']), ...filterFields }, strict);

export const ListItem = Type.Object({
  ...CaseItem.properties,
  warnAt: NullableTime, dueAt: NullableTime, stoppedAt: NullableTime, isSupervised: Type.Boolean(), leadUnitId: NullableString, leadUnitName: NullableString,
  light: Type.Union([Type.Null(), Type.Enum([...lights])]),
});

const Count = Type.Integer();
export const InboxView = Type.Object({
  at: Time,
  countedTo: Type.Integer({ description: 'A count of so many means: so many or more' }),
  boxes: Type.Array(Type.Object({ box: Type.Enum([...boxNames]), nameZh: Type.String(), count: Count, dueToday: Count, yellow: Count, red: Count })),
});
