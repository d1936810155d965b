SELECT
    thread.id, thread.connector, thread.environment, thread.profile_id, thread.error_class,
    thread.cause, thread.opened_at, thread.open, thread.total, thread.untold, thread.orders,
    thread.due_by, thread.recovered_at, thread.told, thread.told_at, thread.recovery_told,
    sample.id AS sample_id, sample.shop_id, sample.order_sn, sample.raw_event_id,
    sample.error_message, sample.due_at, sample.retry_count, sample.last_seen_at
FROM connector_alert_thread AS thread
JOIN connector_exception AS sample
  ON sample.id = CASE WHEN thread.untold > 0 THEN thread.first_untold ELSE thread.last END
WHERE thread.id = ANY ($1) AND thread.connector = ANY ($2)
ORDER BY thread.id
