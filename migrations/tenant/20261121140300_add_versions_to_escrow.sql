-- Payouts change: late adjustments, returns, the release. shopee_escrow is what is known now; every version
-- stays in shopee_escrow_version, so that a report as of a moment is the same whenever it is made.

ALTER TABLE shopee_escrow
    ADD COLUMN version int NOT NULL DEFAULT 1,
    ADD COLUMN cause text NOT NULL DEFAULT 'captured'
        CONSTRAINT shopee_escrow_cause_check
            CHECK (cause IN ('captured', 'amounts', 'adjustment', 'return', 'released')),
    ADD COLUMN known_at timestamptz,
    ADD COLUMN adjustment numeric(20, 6) NOT NULL DEFAULT 0,
    ADD COLUMN payout numeric(20, 6) GENERATED ALWAYS AS (escrow_amount + adjustment) STORED,
    ADD COLUMN computed numeric(20, 6),
    ADD COLUMN unexplained numeric(20, 6) GENERATED ALWAYS AS (escrow_amount - computed) STORED,
    ADD COLUMN parts jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN adjustments jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN returns jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN is_converted boolean NOT NULL DEFAULT false;

-- What was known before the latest answer was not kept.
UPDATE shopee_escrow SET known_at = fetched_at;
ALTER TABLE shopee_escrow ALTER COLUMN known_at SET NOT NULL;

COMMENT ON COLUMN shopee_escrow.version IS 'Increases with every change of what is paid out.';
COMMENT ON COLUMN shopee_escrow.cause IS 'Why there is this version.';
COMMENT ON COLUMN shopee_escrow.known_at IS 'Since when it is known; fetched_at goes on while nothing changes.';
COMMENT ON COLUMN shopee_escrow.adjustment IS 'Later adjustments together, with the marketplace''s sign.';
COMMENT ON COLUMN shopee_escrow.payout IS 'What the merchant receives in the end.';
COMMENT ON COLUMN shopee_escrow.computed IS
    'What the published formula makes of the parts; null where it says nothing.';
COMMENT ON COLUMN shopee_escrow.unexplained IS 'By how much escrow_amount differs from that.';
COMMENT ON COLUMN shopee_escrow.parts IS
    'Every amount under the marketplace''s own name, as text: no digit is lost in a number.';
COMMENT ON COLUMN shopee_escrow.adjustments IS 'The adjustments one by one; amounts as text.';
COMMENT ON COLUMN shopee_escrow.returns IS 'The marketplace''s numbers of the order''s returns.';
COMMENT ON COLUMN shopee_escrow.is_converted IS
    'It is paid out in another currency than the order''s: the formula is not for it.';

CREATE TABLE shopee_escrow_version (
    id text PRIMARY KEY DEFAULT fresh_id('sescv')
        CONSTRAINT shopee_escrow_version_id_check CHECK (id ~ '^sescv_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    environment text NOT NULL CHECK (environment IN ('sandbox', 'live')),
    ordersn text NOT NULL
        CONSTRAINT shopee_escrow_version_ordersn_check CHECK (ordersn ~ '^[\u0021-\u002B\u002D-\u007E]{1,64}$'),
    version int NOT NULL CHECK (version > 0),
    cause text NOT NULL CHECK (cause IN ('captured', 'amounts', 'adjustment', 'return', 'released')),
    known_at timestamptz NOT NULL,
    escrow_amount numeric(20, 6) NOT NULL,
    original_price numeric(20, 6) NOT NULL,
    seller_discount numeric(20, 6) NOT NULL,
    shopee_discount numeric(20, 6) NOT NULL,
    voucher_from_seller numeric(20, 6) NOT NULL,
    voucher_from_shopee numeric(20, 6) NOT NULL,
    commission_fee numeric(20, 6) NOT NULL,
    service_fee numeric(20, 6) NOT NULL,
    seller_transaction_fee numeric(20, 6) NOT NULL,
    actual_shipping_fee numeric(20, 6) NOT NULL,
    seller_lost_compensation numeric(20, 6) NOT NULL,
    buyer_total_amount numeric(20, 6) NOT NULL,
    adjustment numeric(20, 6) NOT NULL,
    payout numeric(20, 6) NOT NULL,
    computed numeric(20, 6),
    unexplained numeric(20, 6),
    parts jsonb NOT NULL,
    adjustments jsonb NOT NULL,
    returns jsonb NOT NULL,
    is_converted boolean NOT NULL,
    currency text NOT NULL,
    escrow_release_time timestamptz,
    raw_escrow_payload jsonb NOT NULL,
    fetched_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT shopee_escrow_version_key UNIQUE (environment, ordersn, version)
);

CREATE INDEX shopee_escrow_version_released_idx
    ON shopee_escrow_version (environment, escrow_release_time, ordersn)
    WHERE escrow_release_time IS NOT NULL;

COMMENT ON TABLE shopee_escrow_version IS
    'Every version of every payout. Append-only: the role of the tenant may add and read.';
COMMENT ON COLUMN shopee_escrow_version.known_at IS
    'Since when we know it; never before the version before: the greatest version known by a moment is what a report as of it shows.';

-- Who changes a payout by a statement which knows nothing of versions, by hand or from an older version of
-- the program, makes a new version all the same.
CREATE FUNCTION shopee_escrow_is_changed() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.known_at := coalesce(NEW.known_at, NEW.fetched_at);
        RETURN NEW;
    END IF;
    NEW.version := OLD.version + 1;
    NEW.cause := 'amounts';
    NEW.known_at := greatest(NEW.fetched_at, OLD.known_at);
    RETURN NEW;
END
$$;

CREATE TRIGGER shopee_escrow_is_added
    BEFORE INSERT ON shopee_escrow
    FOR EACH ROW EXECUTE FUNCTION shopee_escrow_is_changed();

CREATE TRIGGER shopee_escrow_is_changed
    BEFORE UPDATE ON shopee_escrow
    FOR EACH ROW
    WHEN (
        NEW.version = OLD.version
        AND (
            NEW.escrow_amount, NEW.original_price, NEW.seller_discount, NEW.shopee_discount,
            NEW.voucher_from_seller, NEW.voucher_from_shopee, NEW.commission_fee, NEW.service_fee,
            NEW.seller_transaction_fee, NEW.actual_shipping_fee, NEW.seller_lost_compensation,
            NEW.buyer_total_amount, NEW.currency, NEW.escrow_release_time, NEW.adjustment
        ) IS DISTINCT FROM (
            OLD.escrow_amount, OLD.original_price, OLD.seller_discount, OLD.shopee_discount,
            OLD.voucher_from_seller, OLD.voucher_from_shopee, OLD.commission_fee, OLD.service_fee,
            OLD.seller_transaction_fee, OLD.actual_shipping_fee, OLD.seller_lost_compensation,
            OLD.buyer_total_amount, OLD.currency, OLD.escrow_release_time, OLD.adjustment
        )
    )
    EXECUTE FUNCTION shopee_escrow_is_changed();

CREATE FUNCTION shopee_escrow_keeps_versions() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    INSERT INTO shopee_escrow_version (
        environment, ordersn, version, cause, known_at, escrow_amount, original_price, seller_discount,
        shopee_discount, voucher_from_seller, voucher_from_shopee, commission_fee, service_fee,
        seller_transaction_fee, actual_shipping_fee, seller_lost_compensation, buyer_total_amount,
        adjustment, payout, computed, unexplained, parts, adjustments, returns, is_converted, currency,
        escrow_release_time, raw_escrow_payload, fetched_at
    )
    VALUES (
        NEW.environment, NEW.ordersn, NEW.version, NEW.cause, NEW.known_at, NEW.escrow_amount,
        NEW.original_price, NEW.seller_discount, NEW.shopee_discount, NEW.voucher_from_seller,
        NEW.voucher_from_shopee, NEW.commission_fee, NEW.service_fee, NEW.seller_transaction_fee,
        NEW.actual_shipping_fee, NEW.seller_lost_compensation, NEW.buyer_total_amount, NEW.adjustment,
        NEW.payout, NEW.computed, NEW.unexplained, NEW.parts, NEW.adjustments, NEW.returns,
        NEW.is_converted, NEW.currency, NEW.escrow_release_time, NEW.raw_escrow_payload, NEW.fetched_at
    );
    RETURN NULL;
END
$$;

CREATE TRIGGER shopee_escrow_keeps_its_first_version
    AFTER INSERT ON shopee_escrow
    FOR EACH ROW EXECUTE FUNCTION shopee_escrow_keeps_versions();

CREATE TRIGGER shopee_escrow_keeps_its_versions
    AFTER UPDATE ON shopee_escrow
    FOR EACH ROW WHEN (NEW.version <> OLD.version)
    EXECUTE FUNCTION shopee_escrow_keeps_versions();

INSERT INTO shopee_escrow_version (
    environment, ordersn, version, cause, known_at, escrow_amount, original_price, seller_discount,
    shopee_discount, voucher_from_seller, voucher_from_shopee, commission_fee, service_fee,
    seller_transaction_fee, actual_shipping_fee, seller_lost_compensation, buyer_total_amount,
    adjustment, payout, computed, unexplained, parts, adjustments, returns, is_converted, currency,
    escrow_release_time, raw_escrow_payload, fetched_at
)
SELECT
    environment, ordersn, version, cause, known_at, escrow_amount, original_price, seller_discount,
    shopee_discount, voucher_from_seller, voucher_from_shopee, commission_fee, service_fee,
    seller_transaction_fee, actual_shipping_fee, seller_lost_compensation, buyer_total_amount,
    adjustment, payout, computed, unexplained, parts, adjustments, returns, is_converted, currency,
    escrow_release_time, raw_escrow_payload, fetched_at
FROM shopee_escrow;
