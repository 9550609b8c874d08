-- Up Migration
-- What a caller may choose by keys. choice: one key, one action. community: the keyed code of a community, whose phone is called at
-- once. progress: number and code of a case, whose state is told; its options count after that, and 0 before it as well.
create table menus (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,31}$'),
  kind text not null check (kind in ('choice','community','progress')),
  name_zh text not null check (name_zh <> ''),
  name_en text not null check (name_en <> ''),
  prompts text[] not null check (cardinality(prompts) > 0),
  -- progress: heard once the state was told; names the options.
  told_prompts text[] not null default '{}' check ((kind = 'progress') = (cardinality(told_prompts) > 0)),
  -- [{"key": "1", "action": {"type": "queue"}}]; the actions stand in src/ivr/menu.ts.
  options jsonb not null default '[]' check (jsonb_typeof(options) = 'array'),
  -- How long the caller may think after the prompt, and between two keys, seconds.
  timeout_sec integer not null default 5 check (timeout_sec between 2 and 30),
  -- After so many times without a key, or with a wrong one, `otherwise` holds.
  tries integer not null default 3 check (tries between 1 and 5),
  otherwise jsonb not null default '{"type": "queue"}' check (jsonb_typeof(otherwise) = 'object'),
  version integer not null default 1 check (version > 0)
);
-- Where a number leads after its greeting; none: straight into its queue, as GB/T 33358 wants it for 12345.
alter table numbers add column menu_id text references menus;

alter table directory_entries drop constraint directory_entries_kind_check;
alter table directory_entries add constraint directory_entries_kind_check check (kind in ('emergency','unit','office','community'));
-- What a caller keys to reach a community; none begins with 0, which is the operator's.
alter table directory_entries add column keyed_code text unique check (keyed_code ~ '^[1-9][0-9]{1,5}$'),
  add constraint directory_entries_keyed check (keyed_code is null or kind = 'community');

-- A citizen and a community may talk without any seat.
alter table calls drop constraint calls_check3;
alter table calls add constraint calls_seat check (state <> 'ringing' or seat_id is not null);

-- Codes that callers keyed to hear of a case: wrong ones are counted by case and by caller. Kept for a day.
create table case_code_attempts (
  id bigint generated always as identity primary key,
  call_id uuid not null references calls on delete cascade,
  case_number text not null check (case_number ~ '^\d{8}-\d{6}$'),
  at timestamptz not null,
  is_right boolean not null
);
create index case_code_attempts_at on case_code_attempts (at);

-- For a demonstration: three communities that do not exist, and menus that no number leads to until an admin says so.
insert into directory_entries (code, kind, name_zh, name_en, number, position, keyed_code) values
  ('community-101', 'community', '柳荫社区居民委员会', 'Liuyin community', '057186710101', 101, '101'),
  ('community-102', 'community', '清河坊社区居民委员会', 'Qinghefang community', '057186710102', 102, '102'),
  ('community-103', 'community', '望江社区居民委员会', 'Wangjiang community', '057186710103', 103, '103');
insert into menus (id, kind, name_zh, name_en, prompts, told_prompts, options, timeout_sec) values
  ('community', 'community', '社区直通', 'Communities', '{menu-community}', '{}', '[{"key": "0", "action": {"type": "queue"}}]', 5),
  ('progress', 'progress', '工单进度查询', 'Progress of a case', '{progress-ask-number}', '{progress-options}',
    '[{"key": "0", "action": {"type": "queue"}}, {"key": "9", "action": {"type": "end"}}]', 8),
  ('main', 'choice', '语音导航', 'Main menu', '{menu-main}', '{}', '[{"key": "0", "action": {"type": "queue"}},
    {"key": "1", "action": {"type": "queue"}}, {"key": "2", "action": {"type": "menu", "menuId": "progress"}},
    {"key": "3", "action": {"type": "queue", "language": "en", "skillCodes": ["english"]}}, {"key": "*", "action": {"type": "repeat"}}]', 5);
insert into numbers (number, queue_id, greeting_prompts, menu_id) values ('86712345', '12345', '{recording-notice}', 'community');

-- Down Migration
delete from numbers where menu_id = 'community' and number = '86712345';
drop table case_code_attempts;
update calls set seat_id = (select min(id) from seats) where state = 'talking' and seat_id is null;
alter table calls drop constraint calls_seat;
alter table calls add constraint calls_check3 check (state not in ('ringing','talking') or seat_id is not null);
update call_legs set directory_code = null where directory_code in (select code from directory_entries where kind = 'community');
delete from directory_entries where kind = 'community';
alter table directory_entries drop constraint directory_entries_keyed, drop column keyed_code;
alter table directory_entries drop constraint directory_entries_kind_check;
alter table directory_entries add constraint directory_entries_kind_check check (kind in ('emergency','unit','office'));
alter table numbers drop column menu_id;
drop table menus;
