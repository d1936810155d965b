-- Stock: what lies where, what is set aside, and the ledger that explains every piece.
--
-- Invariant: for each variant and place, on_hand and reserved are the sums of the ledger's deltas.
-- Only the trigger below writes stock_level, and the ledger is never changed.

CREATE TABLE stock_location (
    id text PRIMARY KEY DEFAULT fresh_id('sloc')
        CONSTRAINT stock_location_id_check CHECK (id ~ '^sloc_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
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
    id text PRIMARY KEY DEFAULT fresh_id('stk')
        CONSTRAINT stock_ledger_id_check CHECK (id ~ '^stk_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
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

-- An order may be deleted by hand. What it had set aside is released, with its cause: otherwise the
-- levels would speak of an order that nobody can find.
CREATE FUNCTION stock_reservation_is_released_when_deleted() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    INSERT INTO stock_ledger (
        variant_id, location_id, movement, on_hand_delta, reserved_delta,
        cause_kind, cause_id, cause_text
    )
    SELECT gone.variant_id, gone.location_id, 'release', 0, -gone.quantity,
           'order_line', gone.order_line_id, coalesce(line.order_id, '')
    FROM gone
    LEFT JOIN sales_order_line AS line ON line.id = gone.order_line_id
    WHERE gone.state = 'reserved';
    RETURN NULL;
END
$$;

CREATE TRIGGER stock_reservation_is_released_when_deleted
    AFTER DELETE ON stock_reservation
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION stock_reservation_is_released_when_deleted();

-- Reservations go before their line and their order: while both can still be named as the cause, and
-- all of an order at once, so that its variants are locked in their order.
CREATE FUNCTION stock_reservation_goes_first() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    IF TG_TABLE_NAME = 'sales_order' THEN
        DELETE FROM stock_reservation
        WHERE order_line_id IN (SELECT id FROM sales_order_line WHERE order_id = OLD.id);
    ELSE
        DELETE FROM stock_reservation WHERE order_line_id = OLD.id;
    END IF;
    RETURN OLD;
END
$$;

CREATE TRIGGER stock_reservation_goes_first
    BEFORE DELETE ON sales_order
    FOR EACH ROW EXECUTE FUNCTION stock_reservation_goes_first();

CREATE TRIGGER stock_reservation_goes_first
    BEFORE DELETE ON sales_order_line
    FOR EACH ROW EXECUTE FUNCTION stock_reservation_goes_first();

-- A worker locks records, variants and orders, in this order; a deletion would meet them the other
-- way round. It waits for the workers that are at it, before it has locked anything.
CREATE FUNCTION sales_order_deletion_waits_for_workers() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    LOCK TABLE connector_order IN EXCLUSIVE MODE;
    RETURN NULL;
END
$$;

CREATE TRIGGER sales_order_deletion_waits_for_workers
    BEFORE DELETE ON sales_order
    FOR EACH STATEMENT EXECUTE FUNCTION sales_order_deletion_waits_for_workers();
