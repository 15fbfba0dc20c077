-- The trips of a month with the vehicles that an organization held, and what was spent on each.
CREATE INDEX trip_holder_depart ON trip (holder, depart_time, id) WHERE depart_time IS NOT NULL;
CREATE INDEX expense_trip ON expense (trip_id) WHERE trip_id IS NOT NULL;
