-- The control plane: which tenants there are, and to which of them a connector profile belongs.
-- No tenant role has any right on these tables.

CREATE TABLE tenant (
    slug text PRIMARY KEY CHECK (slug ~ '^[a-z][a-z0-9_]{0,39}$'),
    schema_name text NOT NULL UNIQUE,
    role_name text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE tenant IS 'The merchants of this installation.';
COMMENT ON COLUMN tenant.slug IS 'Short name; part of the names of the schema and the role.';
COMMENT ON COLUMN tenant.schema_name IS 'The schema that holds everything of the tenant.';
COMMENT ON COLUMN tenant.role_name IS 'The role that has rights in that schema and nowhere else.';

CREATE TABLE connector_route (
    profile_id text PRIMARY KEY,
    tenant_slug text NOT NULL REFERENCES tenant (slug) ON DELETE CASCADE,
    connector text NOT NULL,
    environment text NOT NULL CHECK (environment IN ('sandbox', 'live')),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX connector_route_tenant_idx ON connector_route (tenant_slug);

COMMENT ON TABLE connector_route IS
    'Finds the tenant of a profile id in a push URL. Kept by a trigger on each tenant''s connector_profile.';
COMMENT ON COLUMN connector_route.profile_id IS 'Unique over all tenants: a profile never moves.';
