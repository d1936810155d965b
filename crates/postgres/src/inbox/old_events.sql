-- The next events in the order of their ids, with what there is to say of their age.
-- $1: behind this id, $2: so many, $3: the moment.
SELECT
    id,
    trusted,
    received_at < $3 AS "is_old!",
    coalesce(trusted AND processed AND processed_at < $3, false) AS "is_done!"
FROM connector_event
WHERE id > $1
ORDER BY id
LIMIT $2
