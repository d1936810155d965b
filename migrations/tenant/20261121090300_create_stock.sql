-- Stock: what lies where, what is set aside, and the ledger that explains every piece.
--
-- Invariant: for each variant and place, on_hand and reserved are the sums of the ledger's deltas.
-- Only the trigger below writes stock_level, and the ledger is never changed.

CREATE TABLE stock_location (
    id text PRIMARY KEY DEFAULT fresh_id('sloc'),
    code text NOT NULL UNIQUE CHECK (code <> '' AND code !~ '^\s|\s$'),
    name text NOT NULL,
    priority int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON COLUMN stock_location.priority IS 'Places with smaller numbers are used up first.';

CREATE TABLE stock_level (
    variant_id text NOT NULL REFERENCES product_variant (id) ON DELETE CASCADE,
    location_id text NOT NULL REFERENCES stock_location (id),
    on_hand bigint NOT NULL DEFAULT 0,
    reserved bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (variant_id, location_id)
);

COMMENT ON TABLE stock_level IS 'Follows from stock_ledger; nothing else may write it.';
COMMENT ON COLUMN stock_level.on_hand IS 'Negative after more was sent than was booked in.';
COMMENT ON COLUMN stock_level.reserved IS 'More than on_hand when the marketplace oversold.';

CREATE TABLE stock_reservation (
    order_line_id text NOT NULL REFERENCES sales_order_line (id) ON DELETE CASCADE,
    location_id text NOT NULL REFERENCES stock_location (id),
    variant_id text NOT NULL REFERENCES product_variant (id),
    quantity int NOT NULL CHECK (quantity > 0),
    state text NOT NULL CHECK (state IN ('reserved', 'deducted', 'released')),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (order_line_id, location_id)
);

COMMENT ON COLUMN stock_reservation.state IS
    'reserved: set aside; deducted: left for the buyer; released: no longer set aside.';

CREATE TABLE stock_ledger (
    id text PRIMARY KEY DEFAULT fresh_id('stk'),
    variant_id text NOT NULL REFERENCES product_variant (id),
    location_id text NOT NULL REFERENCES stock_location (id),
    movement text NOT NULL CHECK (movement IN ('receive', 'reserve', 'release', 'deduct', 'adjust')),
    on_hand_delta bigint NOT NULL,
    reserved_delta bigint NOT NULL,
    cause_kind text NOT NULL CHECK (cause_kind IN ('order_line', 'stated')),
    cause_id text NOT NULL CHECK (cause_id <> ''),
    cause_text text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX stock_ledger_variant_idx ON stock_ledger (variant_id, location_id, id);

COMMENT ON TABLE stock_ledger IS 'Every movement of stock with its cause. Entries are added, never changed.';
COMMENT ON COLUMN stock_ledger.cause_kind IS 'order_line: for an order; stated: by a person or a tool.';
COMMENT ON COLUMN stock_ledger.cause_id IS
    'order_line: the id of the line; stated: who. No foreign key: the ledger outlives the order.';
COMMENT ON COLUMN stock_ledger.cause_text IS 'order_line: the id of the order; stated: why.';

-- Runs as the owner, because nobody else may write levels. Variants are locked in their order
-- before levels are touched, here and by whoever plans reservations: so two batches never deadlock.
CREATE FUNCTION stock_ledger_moves_levels() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    PERFORM FROM product_variant
    WHERE id IN (SELECT variant_id FROM entered)
    ORDER BY id
    FOR NO KEY UPDATE;

    INSERT INTO stock_level AS level (variant_id, location_id, on_hand, reserved)
    SELECT variant_id, location_id, sum(on_hand_delta), sum(reserved_delta)
    FROM entered
    GROUP BY variant_id, location_id
    ORDER BY variant_id, location_id
    ON CONFLICT (variant_id, location_id) DO UPDATE
    SET on_hand = level.on_hand + excluded.on_hand,
        reserved = level.reserved + excluded.reserved;
    RETURN NULL;
END
$$;

CREATE TRIGGER stock_ledger_moves_levels
    AFTER INSERT ON stock_ledger
    REFERENCING NEW TABLE AS entered
    FOR EACH STATEMENT EXECUTE FUNCTION stock_ledger_moves_levels();

CREATE FUNCTION stock_ledger_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'the stock ledger is append-only: add an entry that corrects the other'
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER stock_ledger_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_ledger
    FOR EACH STATEMENT EXECUTE FUNCTION stock_ledger_is_append_only();
