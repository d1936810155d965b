-- The next events that never verified, in the order of their ids. $1: behind this id, $2: so many,
-- $3: received before then.
-- What is not trusted is little and has an index of its own; looked for first, so that no plan walks
-- along the ids of a long history to find it.
WITH kept AS MATERIALIZED (
    SELECT id FROM connector_event WHERE NOT trusted AND received_at < $3
)
SELECT id FROM kept WHERE id > $1 ORDER BY id LIMIT $2
