-- Runs of scheduled jobs: one for each job, scope and slot, whichever process does it. Who runs them
-- serves every tenant, so they are of the control plane. No tenant role has any right on this table.

CREATE TABLE schedule_run (
    id text PRIMARY KEY
        CONSTRAINT schedule_run_id_check CHECK (id ~ '^jrun_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    job text NOT NULL,
    tenant_slug text REFERENCES tenant (slug) ON DELETE CASCADE,
    profile_id text
        CONSTRAINT schedule_run_profile_id_check CHECK (profile_id ~ '^[A-Za-z0-9_-]{1,64}$'),
    scope text NOT NULL GENERATED ALWAYS AS (
        CASE WHEN profile_id IS NULL THEN 'installation' ELSE 'profile:' || tenant_slug || ':' || profile_id END
    ) STORED,
    slot timestamptz NOT NULL CHECK (isfinite(slot)),
    trigger text NOT NULL CHECK (trigger IN ('schedule', 'manual')),
    arguments jsonb NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'running', 'done', 'failed', 'panicked', 'timed_out')),
    attempts int NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    process text,
    lease text,
    lease_until timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    took_ms bigint,
    counts jsonb NOT NULL DEFAULT '{}',
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT schedule_run_scope_check CHECK ((tenant_slug IS NULL) = (profile_id IS NULL)),
    CONSTRAINT schedule_run_slot_key UNIQUE (job, scope, slot, trigger),
    CONSTRAINT schedule_run_lease_check
        CHECK ((state = 'running') = (lease IS NOT NULL) AND (lease IS NULL) = (lease_until IS NULL))
);

-- Two processes may take two runs of one scope at the same moment: this refuses the second.
CREATE UNIQUE INDEX schedule_run_running_key ON schedule_run (job, scope) WHERE state = 'running';
CREATE INDEX schedule_run_open_idx ON schedule_run (job, due_at, id) WHERE state IN ('queued', 'running');
CREATE INDEX schedule_run_tenant_idx ON schedule_run (tenant_slug) WHERE tenant_slug IS NOT NULL;

COMMENT ON TABLE schedule_run IS 'Runs of scheduled jobs, also those that somebody asked for.';
COMMENT ON COLUMN schedule_run.job IS 'The set of names grows.';
COMMENT ON COLUMN schedule_run.profile_id IS 'The profile that it is for; null for the whole installation.';
COMMENT ON COLUMN schedule_run.slot IS 'The moment at which it is to run; for one that was asked for, of asking.';
COMMENT ON COLUMN schedule_run.due_at IS 'When a queued run is taken (again).';
COMMENT ON COLUMN schedule_run.lease IS 'The claim under which it runs; left behind from lease_until on.';
COMMENT ON COLUMN schedule_run.counts IS 'What was done, also while it runs.';
