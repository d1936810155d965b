-- What everything else is drawn from: the same numbers give the same world. It lies in a schema of its own,
-- which goes when the world stands.
CREATE SCHEMA measure;

-- From 0 to below 1, the same for the same numbers.
CREATE FUNCTION measure.noise(n bigint, salt int) RETURNS float8
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (hashint8extended(n, salt) & 16777215)::float8 / 16777216;

-- From 0 to below `choices`.
CREATE FUNCTION measure.pick(n bigint, salt int, choices bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (hashint8extended(n, salt) & 9007199254740991) % choices;

-- The ULID of a moment and a number.
CREATE FUNCTION measure.ulid(at timestamptz, n bigint) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    digits CONSTANT text := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    ms CONSTANT bigint := floor(extract(epoch FROM at) * 1000);
BEGIN
    RETURN substr(digits, ((ms >> 45) & 31)::int + 1, 1)
        || substr(digits, ((ms >> 40) & 31)::int + 1, 1)
        || substr(digits, ((ms >> 35) & 31)::int + 1, 1)
        || substr(digits, ((ms >> 30) & 31)::int + 1, 1)
        || substr(digits, ((ms >> 25) & 31)::int + 1, 1)
        || substr(digits, ((ms >> 20) & 31)::int + 1, 1)
        || substr(digits, ((ms >> 15) & 31)::int + 1, 1)
        || substr(digits, ((ms >> 10) & 31)::int + 1, 1)
        || substr(digits, ((ms >> 5) & 31)::int + 1, 1)
        || substr(digits, (ms & 31)::int + 1, 1)
        || upper(substr(md5(n::text), 1, 16));
END
$$;

-- How large the world is, whose it is, and where its two years end.
CREATE TABLE measure.size (
    orders bigint NOT NULL,
    variants bigint NOT NULL,
    customers bigint NOT NULL,
    exceptions bigint NOT NULL,
    audit bigint NOT NULL,
    days int NOT NULL,
    ends_at timestamptz NOT NULL,
    begins_at timestamptz NOT NULL,
    profile_id text NOT NULL,
    shop_id bigint NOT NULL
);

-- Orders in the order in which they were placed.
CREATE UNLOGGED TABLE measure.world_order (
    n bigint PRIMARY KEY,
    sn text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    placed_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    lines int NOT NULL,
    buyer bigint NOT NULL,
    is_cod boolean NOT NULL,
    id text NOT NULL,
    sync_id text NOT NULL
);

CREATE UNLOGGED TABLE measure.world_line (
    n bigint NOT NULL,
    k int NOT NULL,
    id text NOT NULL,
    variant bigint NOT NULL,
    quantity int NOT NULL,
    price numeric NOT NULL,
    stock text NOT NULL,
    PRIMARY KEY (n, k)
);
