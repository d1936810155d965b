-- The newest run of each job and scope that a tenant sees. Jobs and scopes are found one after the other
-- by the key of slots, so that the work follows their number and not that of the runs.
-- $1: tenant.
WITH RECURSIVE known AS (
    (
        SELECT run.job, run.scope
        FROM public.schedule_run AS run
        ORDER BY run.job, run.scope
        LIMIT 1
    )
    UNION ALL
    SELECT next.job, next.scope
    FROM known
    CROSS JOIN LATERAL (
        SELECT run.job, run.scope
        FROM public.schedule_run AS run
        WHERE (run.job, run.scope) > (known.job, known.scope)
        ORDER BY run.job, run.scope
        LIMIT 1
    ) AS next
)
SELECT latest.id, latest.profile_id, latest.job, latest.slot, latest.trigger, latest.arguments,
       latest.state, latest.attempts, latest.started_at, latest.finished_at, latest.took_ms,
       latest.counts, latest.error, latest.due_at, latest.process,
       latest.tenant_slug IS NULL AND EXISTS (SELECT FROM public.tenant OFFSET 1) AS "is_shared!"
FROM known
CROSS JOIN LATERAL (
    SELECT run.id, run.tenant_slug, run.profile_id, run.job, run.slot, run.trigger, run.arguments,
           run.state, run.attempts, run.started_at, run.finished_at, run.took_ms, run.counts,
           run.error, run.due_at, run.process
    FROM public.schedule_run AS run
    WHERE run.job = known.job AND run.scope = known.scope
    ORDER BY run.slot DESC, run.id DESC
    LIMIT 1
) AS latest
WHERE latest.tenant_slug IS NULL OR latest.tenant_slug = $1
ORDER BY latest.job, latest.profile_id NULLS FIRST
