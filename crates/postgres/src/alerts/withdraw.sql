-- What tells of many and does not know which is of an earlier version: nothing could take its place.
DELETE FROM connector_alert
WHERE delivered_at IS NULL
  AND lease IS NULL
  AND payload #>> '{details,thread_id}' = ANY ($1)
  AND sink = ANY ($2)
  AND (threads <> '{}' OR payload #>> '{details,thread_id}' NOT LIKE 'many:%')
RETURNING id, sink, payload::text AS "payload!", threads, created_at
