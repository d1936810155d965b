-- Takes the run of a job that waits longest: queued and due, or left behind.
-- $1: job, $2: now, $3: process, $4: lease, $5: its end.
UPDATE public.schedule_run AS taken
SET state = 'running',
    attempts = taken.attempts + 1,
    taken_over = taken.taken_over + (taken.state = 'running')::int,
    process = $3,
    lease = $4,
    lease_until = $5,
    started_at = $2
FROM (
    SELECT waiting.id
    FROM public.schedule_run AS waiting
    WHERE waiting.job = $1
      AND waiting.state IN ('queued', 'running')
      AND (
          waiting.state = 'running' AND waiting.lease_until <= $2
          OR waiting.state = 'queued' AND waiting.due_at <= $2 AND NOT EXISTS (
              SELECT FROM public.schedule_run AS other
              WHERE other.state = 'running'
                AND other.job = waiting.job
                AND other.scope = waiting.scope
          )
      )
    ORDER BY coalesce(waiting.lease_until, waiting.due_at), waiting.id
    LIMIT 1
    FOR UPDATE OF waiting SKIP LOCKED
) AS first
WHERE taken.id = first.id
RETURNING taken.id, taken.job, taken.tenant_slug, taken.profile_id, taken.slot, taken.trigger,
          taken.arguments, taken.attempts, taken.failures, taken.taken_over, taken.reached
