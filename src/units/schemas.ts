import { Type } from 'typebox';
import { Id, NullableString, NullableTime, Time, Version, iso } from '../http/paging.ts';
import type { UnitRow } from './queries.ts';
import { unitKinds, type Unit } from './unit.ts';

const strict = { additionalProperties: false } as const;
const PhoneNumber = Type.String({ pattern: '^[0-9+\\- ]{3,24}$' });
/** Without the signs that part one from the next in a file. */
const Note = Type.String({ maxLength: 100, pattern: '^[^;；]*$', default: '' });
const PersonName = Type.String({ minLength: 1, maxLength: 50, pattern: '^[^:：;；]*[^:：;；\\s][^:：;；]*$' });
const Phones = Type.Array(Type.Object({ number: PhoneNumber, note: Note }, strict), { maxItems: 20, default: [] });
const Liaisons = Type.Array(Type.Object({ name: PersonName, phone: PhoneNumber }, strict), { maxItems: 2, default: [] });
const fields = {
  code: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9-]{0,31}$' }), nameZh: Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' }), nameEn: Type.Optional(Type.Union([Type.String({ maxLength: 200 }), Type.Null()])),
  kind: Type.Enum([...unitKinds]), districtCode: Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Null()])), position: Type.Integer({ minimum: 0, maximum: 999_999, default: 0 }), phones: Phones, liaisons: Liaisons,
};
export const NewUnit = Type.Object({ ...fields, parentId: Type.Optional(Type.Union([Id, Type.Null()])) }, strict);
export const ChangedUnit = Type.Object({ version: Version, ...fields }, strict);
export const MoveBody = Type.Object({ version: Version, parentId: Type.Union([Id, Type.Null()]) }, strict);
export const CloseBody = Type.Object({ version: Version, casesTo: Type.Optional(Id) }, strict);

export const UnitView = Type.Object({
  id: Id, code: Type.String(), nameZh: Type.String(), nameEn: NullableString, kind: Type.String(), parentId: NullableString, districtCode: NullableString, position: Type.Integer(),
  phones: Type.Array(Type.Object({ number: Type.String(), note: Type.String() })), liaisons: Type.Array(Type.Object({ name: Type.String(), phone: Type.String() })),
  openedAt: Time, closedAt: NullableTime, version: Type.Integer(),
});
export const UnitItem = Type.Object({ ...UnitView.properties, childCount: Type.Integer(), openCases: Type.Integer() });
export const UnitDetail = Type.Object({
  ...UnitView.properties, path: Type.Array(Type.Object({ id: Id, code: Type.String(), nameZh: Type.String() }), { description: 'From the top down to the unit' }), childCount: Type.Integer(), openCases: Type.Integer(),
});

export function viewUnit(unit: Unit) {
  return { ...unit, phones: [...unit.phones], liaisons: [...unit.liaisons], openedAt: unit.openedAt.toISOString(), closedAt: iso(unit.closedAt) };
}

export function viewUnitRow(row: UnitRow) {
  return { ...viewUnit(row), childCount: row.childCount, openCases: row.openCases };
}
