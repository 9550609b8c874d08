-- Up Migration
-- Who carried the call: the service; Asterisk's own queue, while no service was there; or both, for whoever waited there when the service came back.
alter table calls add column carried_by text not null default 'service' check (carried_by in ('service','asterisk','both'));
create index calls_carried on calls (id) where carried_by <> 'service';
-- The citizen's channel with which the seat's phone talks in Asterisk's own queue: until that is over no call is offered to it.
alter table seats add column own_queue_channel text;

-- Down Migration
alter table seats drop column own_queue_channel;
alter table calls drop column carried_by;
