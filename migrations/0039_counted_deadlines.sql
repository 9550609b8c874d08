-- Up Migration
-- From when and how many working days a deadline counts, so that it is counted anew when official days become known; null for hours of the clock and for what people
-- fixed. Those from before stay as they are.
alter table cases
  add column counted_from timestamptz,
  add column counted_workdays integer check (counted_workdays >= 0),
  add check ((counted_from is null) = (counted_workdays is null));
-- A part's are counted from its arrival, the contact's from the signature.
alter table case_units
  add column counted_from timestamptz,
  add column sign_workdays integer check (sign_workdays >= 0),
  add column due_workdays integer check (due_workdays >= 0),
  add column contact_workdays integer check (contact_workdays >= 0);
alter table case_orders
  add column counted_from timestamptz,
  add column counted_workdays integer check (counted_workdays >= 0),
  add check ((counted_from is null) = (counted_workdays is null));

-- Down Migration
alter table case_orders drop column counted_from, drop column counted_workdays;
alter table case_units drop column counted_from, drop column sign_workdays, drop column due_workdays, drop column contact_workdays;
alter table cases drop column counted_from, drop column counted_workdays;
