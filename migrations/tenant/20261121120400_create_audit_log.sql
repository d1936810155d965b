-- Who did what, and requests of the API that must not happen twice.

CREATE TABLE audit_entry (
    id text PRIMARY KEY DEFAULT fresh_id('aud')
        CONSTRAINT audit_entry_id_check CHECK (id ~ '^aud_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}'
);

CREATE INDEX audit_entry_subject_idx ON audit_entry (subject, id);
CREATE INDEX audit_entry_action_idx ON audit_entry (action, id);

COMMENT ON TABLE audit_entry IS 'Who did what to which thing. Append-only: the role of the tenant may add and read.';
COMMENT ON COLUMN audit_entry.action IS 'What was done, as <thing>.<deed>; the set grows.';
COMMENT ON COLUMN audit_entry.subject IS 'To which thing, for example profile:<id>.';
COMMENT ON COLUMN audit_entry.details IS 'Names of changed fields, results; never a secret.';

CREATE TABLE api_request (
    bearer text NOT NULL,
    key text NOT NULL,
    request bytea NOT NULL
        CONSTRAINT api_request_request_check CHECK (octet_length(request) = 32),
    begun_at timestamptz NOT NULL,
    status int,
    content_type text,
    etag text,
    body bytea,
    PRIMARY KEY (bearer, key),
    CONSTRAINT api_request_answer_check CHECK (num_nulls(status, content_type, body) IN (0, 3))
);

CREATE INDEX api_request_begun_idx ON api_request (begun_at);

COMMENT ON TABLE api_request IS
    'Requests of the API with a key of the client''s choice: whoever repeats one gets the answer of the first.';
COMMENT ON COLUMN api_request.bearer IS 'The api_token of the control plane, with which there is no foreign key.';
COMMENT ON COLUMN api_request.request IS 'SHA-256 of method, path, query and body.';
COMMENT ON COLUMN api_request.status IS 'The HTTP status of the answer; null while it is under way.';
