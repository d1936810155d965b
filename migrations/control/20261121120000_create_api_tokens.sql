-- Bearer tokens of the API. Whose data a request is about has to be known before anything of a tenant
-- is read, so they are of the control plane. No tenant role has any right on this table.

CREATE TABLE api_token (
    id text PRIMARY KEY
        CONSTRAINT api_token_id_check CHECK (id ~ '^apt_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    tenant_slug text NOT NULL REFERENCES tenant (slug) ON DELETE CASCADE,
    name text NOT NULL,
    scopes text[] NOT NULL,
    digest bytea NOT NULL
        CONSTRAINT api_token_digest_check CHECK (octet_length(digest) = 32),
    hint text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT api_token_digest_key UNIQUE (digest)
);

CREATE INDEX api_token_tenant_idx ON api_token (tenant_slug, created_at, id);

COMMENT ON TABLE api_token IS 'Who may use the API, for which tenant and for what.';
COMMENT ON COLUMN api_token.scopes IS 'What the bearer may do; the set of names grows.';
COMMENT ON COLUMN api_token.digest IS 'SHA-256 of the token, which itself is stored nowhere.';
COMMENT ON COLUMN api_token.hint IS 'The last characters of the token, to recognise it by.';
COMMENT ON COLUMN api_token.last_used_at IS 'Written at most once a minute.';
