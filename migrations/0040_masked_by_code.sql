-- Up Migration
-- masked: number and code of a case; a phone of the unit that works on it is put through to its citizen, and neither sees the other's number.
alter table menus drop constraint menus_kind_check, add constraint menus_kind_check check (kind in ('choice','community','progress','masked'));
-- Until an admin says which number leads there, none does.
insert into menus (id, kind, name_zh, name_en, prompts, options, timeout_sec) values
  ('masked', 'masked', '承办单位联系市民', 'Units reach citizens', '{progress-ask-number}', '[{"key": "0", "action": {"type": "queue"}}]', 8);

-- Returns (退单) that units asked for in a time.
create index case_requests_returns on case_requests (asked_at) where kind = 'return';

-- Down Migration
drop index case_requests_returns;
update numbers set menu_id = null where menu_id in (select id from menus where kind = 'masked');
delete from menus where kind = 'masked';
alter table menus drop constraint menus_kind_check, add constraint menus_kind_check check (kind in ('choice','community','progress'));
