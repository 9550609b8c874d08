import { maskNumber } from '../../log.ts';
import { query, type Db } from '../../db/query.ts';
import { callerView } from '../case-view.ts';
import { lightOf } from '../life/views.ts';
import type { Light } from './light-rules.ts';
import type { ListRow } from './load-rows.ts';
import type { Reader } from './reader.ts';

const states: Readonly<Record<string, string>> = {
  draft: '待受理', needs_info: '待补充', declined: '不予受理', answered: '直接办结', handed_over: '已转紧急', pending_dispatch: '待派单', dispatched: '待签收', return_requested: '退单待审',
  disputed: '职责待定', in_progress: '办理中', extension_requested: '延期待审', suspended: '挂起', feedback: '待审核', callback: '待回访', rework: '重办', closed: '办结', archived: '归档',
};
const types: Readonly<Record<string, string>> = { inquiry: '咨询', help: '求助', suggestion: '建议', complaint: '投诉', report: '举报', praise: '表扬', other: '其他' };
const urgencies: Readonly<Record<string, string>> = { normal: '一般', urgent: '紧急', life_danger: '危及生命财产' };
const channels: Readonly<Record<string, string>> = { phone: '电话', web: '网站', wechat: '微信', app: '应用', sms: '短信', mail: '邮件', visit: '来访', letter: '来信', province: '省平台' };
const lightNames: Readonly<Record<Light, string>> = { green: '正常', yellow: '黄灯', red: '红灯', stopped: '暂停' };

/** Names by code. */
export type Names = { readonly categories: ReadonlyMap<string, string>; readonly districts: ReadonlyMap<string, string> };

export async function loadNames(db: Db): Promise<Names> {
  const named = async (table: 'case_categories' | 'districts'): Promise<Map<string, string>> =>
    new Map((await query<{ code: string; nameZh: string }>(db, `select code, name_zh from ${table}`)).map((row) => [row.code, row.nameZh]));
  return { categories: await named('case_categories'), districts: await named('districts') };
}

type Column = { readonly title: string; readonly width: number; readonly of: (row: ListRow, context: { names: Names; reader: Reader; now: Date }) => string | null };

const named = (names: Readonly<Record<string, string>>, code: string | null): string | null => code === null ? null : names[code] ?? code;
const inShanghai = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai', dateStyle: 'short', timeStyle: 'short' });
const time = (at: Date | null): string | null => at && inShanghai.format(at);

/** What an export shows: what the list shows this reader, but of a caller's number never more than its ends, for a file goes anywhere. */
export const exportColumns: readonly Column[] = [
  { title: '工单编号', width: 18, of: (row) => row.number },
  { title: '状态', width: 10, of: (row) => named(states, row.state) },
  { title: '时限', width: 8, of: (row, { now }) => { const light = lightOf(row, now); return light && lightNames[light]; } },
  { title: '类型', width: 8, of: (row) => named(types, row.type) },
  { title: '分类', width: 14, of: (row, { names }) => row.categoryCode && (names.categories.get(row.categoryCode) ?? row.categoryCode) },
  { title: '区域', width: 12, of: (row, { names }) => row.districtCode && (names.districts.get(row.districtCode) ?? row.districtCode) },
  { title: '紧急程度', width: 10, of: (row) => named(urgencies, row.urgency) },
  { title: '来源', width: 8, of: (row) => named(channels, row.channel) },
  { title: '主办单位', width: 20, of: (row) => row.leadUnitName },
  { title: '督办', width: 6, of: (row) => row.isSupervised ? '是' : '' },
  { title: '保密', width: 6, of: (row) => row.isConfidential ? '是' : '' },
  { title: '来电号码', width: 14, of: maskedNumber },
  { title: '地点', width: 30, of: (row) => row.place },
  { title: '事由', width: 40, of: (row) => row.cause },
  { title: '经过', width: 60, of: (row) => row.course },
  { title: '登记时间', width: 17, of: (row) => time(row.openedAt) },
  { title: '到期时间', width: 17, of: (row) => time(row.dueAt) },
  { title: '办结时间', width: 17, of: (row) => time(row.closedAt) },
];

function maskedNumber(row: ListRow, { reader: { actor, unitId } }: { reader: Reader }): string | null {
  const caller = unitId === null ? callerView(row, row, actor) : null;
  if (!caller?.number) return null;
  return caller.isMasked ? caller.number : maskNumber(caller.number);
}
