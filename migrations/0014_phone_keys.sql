-- Up Migration
alter table call_legs
  -- The operator's second line, over which this party was dialled on the phone; null for the first line's.
  add column line_id text references call_legs,
  -- The operator's phone has put this line on hold.
  add column is_away boolean not null default false,
  -- Why it is held: the party that is consulted meanwhile, or the operator's line that is on hold. Null: by the screen.
  add column held_for text;
-- A command about who hears whom failed: asked for again until it succeeds. Set beside the call's own saves.
alter table calls add column is_place_doubtful boolean not null default false;
create index calls_place_doubtful on calls (id) where is_place_doubtful;

-- Down Migration
alter table calls drop column is_place_doubtful;
alter table call_legs drop column held_for, drop column is_away, drop column line_id;
