-- Up Migration
-- Who hung up in the queue is called back by itself, so long after; null: by those who call back by hand.
alter table queues add column missed_callback_after_sec integer default 60 check (missed_callback_after_sec between 0 and 7200);
-- -1: a callback nobody asked for, behind everybody who is on the line.
alter table calls drop constraint calls_priority_check, add constraint calls_priority_check check (priority between case when callback_of is null then 0 else -1 end and 9);

-- Down Migration
update calls set priority = 0 where priority < 0;
alter table calls drop constraint calls_priority_check, add constraint calls_priority_check check (priority between 0 and 9);
alter table queues drop column missed_callback_after_sec;
