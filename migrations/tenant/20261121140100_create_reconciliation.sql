-- What the marketplace lists against what we hold. Of the orders of a day only those are rows that are
-- not simply listed and held: an order that is both is marked in its own record.

CREATE TABLE connector_reconciliation (
    profile_id text PRIMARY KEY
        CONSTRAINT connector_reconciliation_profile_id_check CHECK (profile_id ~ '^[A-Za-z0-9_-]{1,64}$'),
    updated_until timestamptz,
    created_until timestamptz,
    changed_at timestamptz NOT NULL
);

COMMENT ON TABLE connector_reconciliation IS 'Until when the orders of a profile were compared without a gap.';
COMMENT ON COLUMN connector_reconciliation.updated_until IS 'By the time of their last change.';
COMMENT ON COLUMN connector_reconciliation.created_until IS 'By the time at which they were placed.';

CREATE TABLE connector_day (
    profile_id text NOT NULL
        CONSTRAINT connector_day_profile_id_check CHECK (profile_id ~ '^[A-Za-z0-9_-]{1,64}$'),
    day date NOT NULL,
    connector text NOT NULL,
    environment text NOT NULL CHECK (environment IN ('sandbox', 'live')),
    begins_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    compared tstzmultirange NOT NULL,
    listed int NOT NULL DEFAULT 0,
    checked_at timestamptz NOT NULL,
    PRIMARY KEY (profile_id, day),
    CONSTRAINT connector_day_window_check CHECK (begins_at < ends_at)
);

COMMENT ON TABLE connector_day IS 'Days of a profile for which the marketplace was asked what it lists.';
COMMENT ON COLUMN connector_day.day IS 'As the shop''s calendar says.';
COMMENT ON COLUMN connector_day.begins_at IS 'The first moment of the day in the shop''s zone.';
COMMENT ON COLUMN connector_day.compared IS 'Which parts of the day the marketplace was asked for.';
COMMENT ON COLUMN connector_day.listed IS
    'Orders that it lists as placed on the day: marked ones placed on it, and those in connector_day_order.';

CREATE TABLE connector_day_order (
    profile_id text NOT NULL,
    day date NOT NULL,
    order_sn text NOT NULL
        CONSTRAINT connector_day_order_order_sn_check CHECK (order_sn ~ '^[\u0021-\u002B\u002D-\u007E]{1,64}$'),
    side text NOT NULL CHECK (side IN ('listed', 'held')),
    listed_in tstzrange,
    found_at timestamptz NOT NULL,
    PRIMARY KEY (profile_id, day, order_sn),
    FOREIGN KEY (profile_id, day) REFERENCES connector_day (profile_id, day) ON DELETE CASCADE,
    CONSTRAINT connector_day_order_listed_check CHECK ((side = 'listed') = (listed_in IS NOT NULL))
);

CREATE INDEX connector_day_order_found_idx ON connector_day_order (found_at);

COMMENT ON TABLE connector_day_order IS 'Orders of a day that the marketplace and we did not both have when it was asked.';
COMMENT ON COLUMN connector_day_order.side IS
    'listed: the marketplace has it; missing as long as we hold no snapshot of it. held: we have it, the marketplace does not list it.';
COMMENT ON COLUMN connector_day_order.listed_in IS 'The part of the day that was asked for when it was listed.';
COMMENT ON COLUMN connector_day_order.found_at IS 'When that was found first.';

ALTER TABLE connector_order ADD COLUMN is_listed boolean NOT NULL DEFAULT false;

COMMENT ON COLUMN connector_order.is_listed IS
    'The marketplace listed it when it was last asked for the time at which the order was placed.';
