-- The latest slot of each scope of a job. The scopes are found one after the other by the key of slots, so
-- that the work follows their number and not that of the runs.
-- $1: job.
WITH RECURSIVE known AS (
    SELECT min(run.scope) AS scope
    FROM public.schedule_run AS run
    WHERE run.job = $1
    UNION ALL
    SELECT (
        SELECT min(run.scope)
        FROM public.schedule_run AS run
        WHERE run.job = $1 AND run.scope > known.scope
    )
    FROM known
    WHERE known.scope IS NOT NULL
)
SELECT latest.tenant_slug, latest.profile_id, latest.scope, latest.slot
FROM known
CROSS JOIN LATERAL (
    SELECT run.tenant_slug, run.profile_id, run.scope, run.slot
    FROM public.schedule_run AS run
    WHERE run.job = $1 AND run.scope = known.scope AND run.trigger = 'schedule'
    ORDER BY run.slot DESC
    LIMIT 1
) AS latest
ORDER BY latest.tenant_slug NULLS FIRST, latest.profile_id
