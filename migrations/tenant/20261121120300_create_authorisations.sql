-- Authorisations that sellers were asked for, what is looked at now and then for each profile, and the
-- last calls that were made for it.

CREATE TABLE connector_authorisation (
    nonce_digest bytea PRIMARY KEY
        CONSTRAINT connector_authorisation_nonce_check CHECK (octet_length(nonce_digest) = 32),
    profile_id text NOT NULL REFERENCES connector_profile (id) ON DELETE CASCADE,
    asked_by text NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX connector_authorisation_profile_idx ON connector_authorisation (profile_id);

COMMENT ON TABLE connector_authorisation IS 'Authorisations that sellers were asked for; each is good for one return.';
COMMENT ON COLUMN connector_authorisation.nonce_digest IS
    'SHA-256 of the nonce in the URL that the seller comes back to.';

CREATE TABLE connector_watch (
    profile_id text PRIMARY KEY REFERENCES connector_profile (id) ON DELETE CASCADE,
    looked_at timestamptz,
    due_at timestamptz NOT NULL,
    push_status text,
    push_callback_url text,
    push_suspended_at timestamptz,
    locations_fetched_at timestamptz,
    is_single_location boolean
);

COMMENT ON TABLE connector_watch IS 'What was seen of a profile''s app and shop when it was looked last.';
COMMENT ON COLUMN connector_watch.due_at IS 'When it is looked again; a profile without a row is due.';
COMMENT ON COLUMN connector_watch.push_status IS
    'How the marketplace judges our answers to its pushes, in its words; an open set.';
COMMENT ON COLUMN connector_watch.push_callback_url IS 'Where the marketplace sends pushes.';
COMMENT ON COLUMN connector_watch.is_single_location IS 'The shop was found to have no multi-warehouse.';

CREATE TABLE connector_call (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    profile_id text NOT NULL REFERENCES connector_profile (id) ON DELETE CASCADE,
    at timestamptz NOT NULL,
    endpoint text NOT NULL,
    result text NOT NULL,
    code text,
    request_id text,
    took_us bigint NOT NULL,
    clock_skew_s bigint
);

CREATE INDEX connector_call_profile_idx ON connector_call (profile_id, at, id);

COMMENT ON TABLE connector_call IS 'The last calls to a marketplace for each profile; older ones are dropped.';
COMMENT ON COLUMN connector_call.result IS 'ok, or the kind of failure as metrics count it.';
COMMENT ON COLUMN connector_call.code IS 'The marketplace''s error code, verbatim.';
COMMENT ON COLUMN connector_call.request_id IS 'The marketplace''s own id of the call.';
COMMENT ON COLUMN connector_call.took_us IS 'Microseconds.';
COMMENT ON COLUMN connector_call.clock_skew_s IS 'Seconds by which the marketplace''s clock is ahead of ours.';
