-- The audit log, the days that were compared, runs of jobs, the last calls.
INSERT INTO audit_entry (id, at, actor, action, subject, details)
SELECT 'aud_' || measure.ulid(at, n), at, (ARRAY['terminal', 'hawker', 'seller', 'api-token:mei'])[1 + n % 4],
       (ARRAY['exception.retried', 'exception.assigned', 'exception.resolved', 'order.refreshed',
           'profile.changed', 'token.refreshed', 'escrow.synced', 'job.asked'])[1 + n % 8],
       CASE WHEN n % 8 IN (4, 5) THEN 'profile:' || size.profile_id
           ELSE 'order:' || upper(substr(md5((n % 5000)::text), 1, 14)) END,
       jsonb_build_object('nth', n)
FROM measure.size AS size
CROSS JOIN generate_series(0, size.audit - 1) AS n
CROSS JOIN LATERAL (
    SELECT size.begins_at + (size.ends_at - size.begins_at) * (n::float8 / size.audit) AS at
) AS done;

INSERT INTO connector_reconciliation (profile_id, updated_until, created_until, changed_at)
SELECT profile_id, ends_at, ends_at, ends_at FROM measure.size;

INSERT INTO connector_day (
    profile_id, day, connector, environment, begins_at, ends_at, compared, listed, checked_at, told
)
SELECT size.profile_id, day::date, 'shopee', 'sandbox', began, began + interval '24 hours',
       tstzmultirange(tstzrange(began, least(began + interval '24 hours', size.ends_at))),
       (
           SELECT count(*) FROM connector_order
           WHERE placed_at >= began AND placed_at < began + interval '24 hours'
       ),
       least(began + interval '27 hours', size.ends_at), ''
FROM measure.size AS size
CROSS JOIN generate_series(size.begins_at::date, size.ends_at::date - 1, interval '24 hours') AS day
CROSS JOIN LATERAL (SELECT day::timestamp AT TIME ZONE 'Asia/Singapore' AS began) AS window_of;

INSERT INTO connector_day_order (profile_id, day, order_sn, side, listed_in, found_at)
SELECT profile_id, day, 'GONE' || to_char(day, 'YYMMDD') || n, 'held', NULL, checked_at
FROM connector_day, generate_series(1, 3) AS n
WHERE extract(day FROM day) = 1;

INSERT INTO public.schedule_run (
    id, job, tenant_slug, profile_id, slot, trigger, state, attempts, due_at, process, started_at,
    finished_at, took_ms, counts, error, failures
)
SELECT 'jrun_' || measure.ulid(slot, nth), job, CASE WHEN of_profile THEN 'default' END,
       CASE WHEN of_profile THEN size.profile_id END, slot, 'schedule', state, 1, slot, 'measure',
       slot + interval '1 second', slot + interval '9 seconds', 8000, '{"pages": 3, "orders": 120}',
       CASE WHEN state = 'failed' THEN 'Shopee did not answer' END, (state = 'failed')::int
FROM measure.size AS size
CROSS JOIN (
    VALUES ('lost-push-recovery', 1, false, 0), ('reconcile-daily', 24, true, 1), ('escrow-backstop-daily', 24, true, 2)
) AS jobs (job, hours, of_profile, kind)
CROSS JOIN LATERAL generate_series(0, size.days * 24 / hours - 1) AS run
CROSS JOIN LATERAL (
    SELECT size.ends_at - run * hours * interval '1 hour' - kind * interval '1 minute' AS slot, run * 4 + kind AS nth,
           CASE WHEN run % 97 = 5 THEN 'failed' ELSE 'done' END AS state
) AS ran;

INSERT INTO connector_call (profile_id, at, endpoint, result, code, request_id, took_us, clock_skew_s)
SELECT size.profile_id, size.ends_at - n * interval '20 seconds', 'order/get_order_detail',
       CASE WHEN n % 17 = 0 THEN 'rate_limited' ELSE 'ok' END, CASE WHEN n % 17 = 0 THEN 'error_limit' END,
       md5(n::text), 80000 + n, 0
FROM measure.size AS size, generate_series(50, 1, -1) AS n;

INSERT INTO connector_location (profile_id, location_id, name, warehouse_type, address, is_default)
SELECT size.profile_id, 'SGZ' || n, 'Warehouse ' || n, 1, '{"city": "Singapore"}', n = 1
FROM measure.size AS size, generate_series(1, 3) AS n
ON CONFLICT DO NOTHING;
