-- Up Migration
-- Among a case's words stand tags, by which a search is limited before any row is read: what no word of a text begins with tells them (# = ! ^; @ says
-- when). `case_tags` says which a case has; the same signs are in cases/lists/tags-rules.ts.
create function case_stage(state text) returns text language sql immutable as $$
  select case when state in ('answered','declined','handed_over') then 'direct' when state in ('closed','archived') then 'done' else 'open' end
$$;
create function case_tags(wanted uuid) returns text[] language sql stable as $$
  select array(select '#' || a.ancestor_id from case_units p join unit_ancestors a on a.unit_id = p.unit_id where p.case_id = wanted
    union select t.tag from cases k cross join unnest(array['=' || case_stage(k.state), '!' || k.type, '^' || k.district_code]) t (tag) where k.id = wanted and t.tag is not null)
$$;
-- A row that changes is entered anew under each of its words: only when its tags are others now.
create function keep_case_tags(wanted uuid) returns void language sql as $$
  update case_words w set words = n.words
  from (select o.case_id, array(select word from unnest(o.words) word where left(word, 1) <> all ('{#,=,!,^}')) || case_tags(wanted) as words from case_words o where o.case_id = wanted) n
  where w.case_id = n.case_id and not (w.words @> n.words and n.words @> w.words)
$$;

-- At the commit, when all of a change is there: whatever the act, and whoever wrote it. Whoever changes these rows holds the case.
create function keep_tags_of_case() returns trigger language plpgsql as $$
begin
  perform keep_case_tags(new.id);
  return null;
end $$;
create function keep_tags_of_part() returns trigger language plpgsql as $$
begin
  perform keep_case_tags(new.case_id);
  return null;
end $$;
create constraint trigger cases_tags after update on cases deferrable initially deferred for each row
  when (old.type is distinct from new.type or old.district_code is distinct from new.district_code or case_stage(old.state) <> case_stage(new.state)) execute function keep_tags_of_case();
create constraint trigger case_units_tags after insert or update of unit_id on case_units deferrable initially deferred for each row execute function keep_tags_of_part();

-- Cases whose tags are of an older tree: those of a unit that moved, and of all below it; a null unit: all cases. Worked off by cases/lists/retag-cases.ts.
create table unit_retags (
  unit_id uuid unique nulls not distinct references units,
  -- Which move it was.
  moved_by xid8 not null default pg_current_xact_id(),
  -- Begins when all transactions before this one are over: they may have tagged by the older tree.
  wait_until xid8,
  after_id uuid
);
create function ask_unit_retag() returns trigger language plpgsql as $$
begin
  -- A unit that has no place in the tree yet has no case.
  insert into unit_retags (unit_id) select new.id where exists (select from unit_ancestors where unit_id = new.id)
  on conflict (unit_id) do update set moved_by = excluded.moved_by, wait_until = null, after_id = null;
  return null;
end $$;
create trigger units_retag after update of parent_id on units for each row when (old.parent_id is distinct from new.parent_id) execute function ask_unit_retag();
insert into unit_retags (unit_id) select null where exists (select from case_words);

-- Badges count the yellow ones among all open ones of a city.
create index cases_open_warned on cases (next_due_at, warn_at) where closed_at is null and stopped_at is null;
-- Those of Asterisk's own queue, whose ids say when they were written down and not when they were opened: few, and not to be looked for among all of three days.
create index cases_written_late on cases (id) where uuid_extract_timestamp(id) - opened_at > interval '10 minutes';

-- Each new version of a row stays in the lists of its words until a vacuum: open cases are some twenty thousand, and must not be looked for among a million that were.
alter table case_words set (autovacuum_vacuum_scale_factor = 0.005, autovacuum_vacuum_threshold = 10000);

-- Down Migration
alter table case_words reset (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
drop index cases_written_late, cases_open_warned;
drop trigger units_retag on units;
drop function ask_unit_retag;
drop table unit_retags;
drop trigger case_units_tags on case_units;
drop trigger cases_tags on cases;
drop function keep_tags_of_part, keep_tags_of_case, keep_case_tags, case_tags, case_stage;
