-- Up Migration
-- masked: number and code of a case; a phone of the unit that works on it is put through to its citizen, and neither sees the other's number.
alter table menus drop constraint menus_kind_check, add constraint menus_kind_check check (kind in ('choice','community','progress','masked'));
-- Until an admin says which number leads there, none does.
insert into menus (id, kind, name_zh, name_en, prompts, options, timeout_sec) values
  ('masked', 'masked', '承办单位联系市民', 'Units reach citizens', '{progress-ask-number}', '[{"key": "0", "action": {"type": "queue"}}]', 8);

-- Returns (退单) that units asked for in a time.
create index case_requests_returns on case_requests (asked_at) where kind = 'return';

-- Where somebody who works for a unit is reached; who is on duty may be named by the account, and then name and phone are those of the account as it is at the time.
alter table users add column phone text check (phone ~ '^[0-9+ -]{3,24}$');
alter table unit_duties add column user_id uuid references users, alter column name drop not null,
  add constraint unit_duties_person check ((user_id is null) = (name is not null) and (user_id is null or phone is null));
create index unit_duties_user on unit_duties (user_id) where user_id is not null;

-- Down Migration
update unit_duties d set name = u.display_name, phone = u.phone from users u where u.id = d.user_id;
alter table unit_duties drop constraint unit_duties_person, drop column user_id, alter column name set not null;
alter table users drop column phone;
drop index case_requests_returns;
update numbers set menu_id = null where menu_id in (select id from menus where kind = 'masked');
delete from menus where kind = 'masked';
alter table menus drop constraint menus_kind_check, add constraint menus_kind_check check (kind in ('choice','community','progress'));
