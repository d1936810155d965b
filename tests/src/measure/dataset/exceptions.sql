-- Exceptions of held orders, of failed ones, and of as many others as there are to be; what was written and
-- tried about them, and the threads that told of them.
INSERT INTO connector_exception (
    id, connector, environment, profile_id, shop_id, order_sn, raw_event_id, error_class, cause,
    error_message, retry_count, status, due_at, created_at, last_seen_at, resolved_at, resolved_by, assignee,
    snoozed_until
)
SELECT 'cex_' || measure.ulid(placed.updated_at, n), 'shopee', 'sandbox', size.profile_id, size.shop_id, sn,
       'srev_' || measure.ulid(placed.updated_at + interval '2 seconds', n * 16 + 9), class,
       CASE class
           WHEN 'sku_not_found' THEN 'sku:MISSING-' || n % 300
           WHEN 'action_required' THEN (ARRAY['cancellation', 'pickup', 'return'])[1 + n % 3]
           WHEN 'normalization_failed' THEN 'field:' || n % 20
           ELSE class
       END,
       CASE class
           WHEN 'sku_not_found' THEN format('Order %s: no variant carries the SKU MISSING-%s. Add it to the catalogue.', sn, n % 300)
           ELSE format('Order %s: %s. Look at the order and try it again.', sn, class)
       END,
       measure.pick(n, 20, 9), state,
       CASE WHEN class = 'action_required' THEN placed.updated_at + interval '48 hours' END,
       placed.updated_at, placed.updated_at + interval '1 hour',
       CASE WHEN state = 'resolved' THEN placed.updated_at + interval '5 hours' END,
       CASE WHEN state = 'resolved' THEN (ARRAY['hawker', 'mei', 'arun'])[1 + n % 3] END,
       CASE WHEN state = 'open' AND n % 7 = 0 THEN (ARRAY['mei', 'arun', 'siti'])[1 + n % 3] END,
       CASE WHEN state = 'open' AND n % 11 = 0 THEN size.ends_at + interval '8760 hours' END
FROM measure.size AS size
CROSS JOIN measure.world_order AS placed
CROSS JOIN LATERAL (
    SELECT (size.orders - 1 - n) % 13 = 0 AND (size.orders - 1 - n) / 13 < size.exceptions * 3 / 4 AS is_other
) AS drawn
CROSS JOIN LATERAL (
    SELECT CASE kind WHEN 'held' THEN 'sku_not_found' WHEN 'failed' THEN 'retry_exhausted'
        ELSE (ARRAY['action_required', 'escrow_fetch_failed', 'normalization_failed', 'sdk_transient',
            'medusa_workflow_failed', 'unknown'])[1 + n / 13 % 6] END AS class,
    CASE WHEN kind IN ('held', 'failed') OR measure.noise(n, 21) < 0.55 THEN 'open'
        WHEN measure.noise(n, 21) < 0.93 THEN 'resolved' ELSE 'wont_fix' END AS state
) AS raised
WHERE kind IN ('held', 'failed') OR is_other;

INSERT INTO connector_exception_note (id, exception_id, written_at, written_by, note)
SELECT 'note_' || substr(id, 5), id, created_at + interval '2 hours', 'mei', 'Asked the supplier.'
FROM connector_exception
WHERE assignee IS NOT NULL;

INSERT INTO connector_exception_retry (batch, exception_id, at)
SELECT 'xret_' || measure.ulid(size.ends_at, 1), id, size.ends_at
FROM measure.size AS size
CROSS JOIN LATERAL (
    SELECT id FROM connector_exception WHERE status = 'open' ORDER BY id DESC LIMIT 1000
) AS retried;

INSERT INTO connector_alert_thread (
    connector, environment, profile_id, error_class, cause, opened_at, open, total, untold, first_untold,
    last, orders, due_by, told, told_at
)
SELECT connector, environment, profile_id, error_class, cause, min(created_at),
       count(*) FILTER (WHERE snoozed_until IS NULL), count(*), 0, min(id), max(id),
       (array_agg(order_sn ORDER BY id))[1:5], NULL, 1, now()
FROM connector_exception
WHERE status = 'open'
GROUP BY connector, environment, profile_id, error_class, cause;

UPDATE connector_exception AS told
SET told_in = thread.id
FROM connector_alert_thread AS thread
WHERE told.status = 'open'
  AND thread.connector = told.connector
  AND thread.environment = told.environment
  AND thread.profile_id = told.profile_id
  AND thread.error_class = told.error_class
  AND thread.cause = told.cause;
