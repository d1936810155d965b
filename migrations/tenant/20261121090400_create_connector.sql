-- Connectors: profiles, inbound events, what is known of each marketplace order, and what did not
-- go by itself. Neutral of the marketplace; shopee_escrow is Shopee's own.

CREATE TABLE connector_profile (
    id text PRIMARY KEY
        CONSTRAINT connector_profile_id_check CHECK (id ~ '^[A-Za-z0-9_-]{1,64}$'),
    connector text NOT NULL,
    environment text NOT NULL CHECK (environment IN ('sandbox', 'live')),
    display_name text NOT NULL,
    region text NOT NULL CHECK (region IN (
        'GLOBAL', 'CHINA', 'BRAZIL', 'SG', 'MY', 'ID', 'TH', 'VN', 'PH', 'TW',
        'TEST_GLOBAL', 'TEST_CHINA', 'TEST_BRAZIL', 'TEST_SG', 'TEST_MY', 'TEST_ID', 'TEST_TH',
        'TEST_VN', 'TEST_PH', 'TEST_TW'
    )),
    base_url_override text,
    registered_url text,
    partner_id bigint,
    partner_key_encrypted text,
    push_partner_key_encrypted text,
    previous_push_partner_key_encrypted text,
    accepts_body_only boolean NOT NULL DEFAULT false,
    shop_id bigint,
    is_active boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
);

CREATE UNIQUE INDEX connector_profile_active_per_env
    ON connector_profile (connector, environment) WHERE is_active AND deleted_at IS NULL;

COMMENT ON COLUMN connector_profile.base_url_override IS 'A host that wins over the region''s.';
COMMENT ON COLUMN connector_profile.registered_url IS
    'The callback URL as registered at the marketplace, verbatim: it is part of what a push signs.';
COMMENT ON COLUMN connector_profile.previous_push_partner_key_encrypted IS
    'The push key before the last rotation; pushes on their way are still signed with it.';
COMMENT ON COLUMN connector_profile.accepts_body_only IS
    'Whether a signature over the body alone counts too.';
COMMENT ON COLUMN connector_profile.is_active IS 'At most one profile of a connector and environment is.';

CREATE TABLE connector_active_environment (
    connector text PRIMARY KEY,
    environment text NOT NULL CHECK (environment IN ('sandbox', 'live'))
);

COMMENT ON TABLE connector_active_environment IS 'Which of its two worlds a connector works in.';

-- Publishes the way from a profile to its tenant. Runs as the owner: the tenant has no right
-- outside its schema, and with this none but to name itself.
CREATE FUNCTION connector_profile_is_routed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    INSERT INTO public.connector_route AS route (profile_id, tenant_slug, connector, environment)
    SELECT NEW.id, tenant.slug, NEW.connector, NEW.environment
    FROM public.tenant
    WHERE tenant.schema_name = current_schema()
    ON CONFLICT (profile_id) DO UPDATE
    SET connector = excluded.connector, environment = excluded.environment
    WHERE route.tenant_slug = excluded.tenant_slug;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the profile id % cannot be used by this tenant', NEW.id
            USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER connector_profile_is_routed
    AFTER INSERT OR UPDATE OF id, connector, environment ON connector_profile
    FOR EACH ROW EXECUTE FUNCTION connector_profile_is_routed();

CREATE TABLE connector_token (
    id text PRIMARY KEY DEFAULT fresh_id('sat')
        CONSTRAINT connector_token_id_check CHECK (id ~ '^sat_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    connector text NOT NULL,
    environment text NOT NULL CHECK (environment IN ('sandbox', 'live')),
    profile_id text NOT NULL REFERENCES connector_profile (id) ON DELETE CASCADE,
    shop_id bigint NOT NULL,
    access_token_encrypted text NOT NULL,
    refresh_token_encrypted text NOT NULL,
    access_token_expires_at timestamptz NOT NULL,
    refreshed_at timestamptz NOT NULL DEFAULT now(),
    merchant_id_list jsonb,
    shop_id_list jsonb,
    supplier_id_list jsonb,
    raw_token_payload jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT connector_token_shop_key UNIQUE (connector, environment, shop_id)
);

CREATE INDEX connector_token_profile_idx ON connector_token (profile_id);

COMMENT ON COLUMN connector_token.refreshed_at IS 'When the pair was obtained.';
COMMENT ON COLUMN connector_token.raw_token_payload IS 'The marketplace''s answer without the tokens.';

CREATE TABLE connector_location (
    profile_id text NOT NULL REFERENCES connector_profile (id) ON DELETE CASCADE,
    location_id text NOT NULL,
    name text,
    warehouse_type int,
    address jsonb NOT NULL DEFAULT '{}',
    is_default boolean NOT NULL DEFAULT false,
    stock_location_id text REFERENCES stock_location (id) ON DELETE SET NULL,
    fetched_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (profile_id, location_id)
);

COMMENT ON TABLE connector_location IS 'The marketplace''s warehouses of a shop, as fetched last.';
COMMENT ON COLUMN connector_location.stock_location_id IS 'Our place that stands for it.';

CREATE TABLE connector_event (
    id text PRIMARY KEY DEFAULT fresh_id('srev')
        CONSTRAINT connector_event_id_check CHECK (id ~ '^srev_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    connector text NOT NULL,
    environment text NOT NULL CHECK (environment IN ('sandbox', 'live')),
    profile_id text,
    source text NOT NULL CHECK (source IN ('webhook', 'poll', 'reconcile', 'manual')),
    event_type int NOT NULL,
    shop_id bigint,
    order_sn text
        CONSTRAINT connector_event_order_sn_check CHECK (order_sn ~ '^[\u0021-\u002B\u002D-\u007E]{1,64}$'),
    package_number text,
    tracking_number text,
    marketplace_updated_at timestamptz CHECK (isfinite(marketplace_updated_at)),
    delivery_id text,
    content_key text NOT NULL,
    trusted boolean NOT NULL,
    signature text,
    signature_ok boolean,
    signature_scheme text,
    signature_key text,
    body bytea NOT NULL,
    body_is_json boolean NOT NULL,
    processed boolean NOT NULL DEFAULT false,
    processed_at timestamptz,
    outcome text,
    next_attempt_at timestamptz NOT NULL CHECK (next_attempt_at > '-infinity'),
    asked_again boolean NOT NULL DEFAULT false,
    received_at timestamptz NOT NULL CHECK (isfinite(received_at)),
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Every push pays for each index: these are the ones that work is found by. What tells rows apart
-- comes first, here and below: so no plan is tempted to read everything of a connector, whatever
-- the statistics of a table that grew quickly say.
CREATE UNIQUE INDEX connector_event_delivery_key
    ON connector_event (delivery_id, connector, environment) WHERE trusted AND delivery_id IS NOT NULL;
CREATE UNIQUE INDEX connector_event_content_key
    ON connector_event (content_key, connector, environment) WHERE trusted;
CREATE INDEX connector_event_due_idx
    ON connector_event (profile_id, next_attempt_at, id) WHERE NOT processed;
CREATE INDEX connector_event_order_idx ON connector_event (order_sn) WHERE order_sn IS NOT NULL;
CREATE INDEX connector_event_unverified_idx
    ON connector_event (coalesce(profile_id, '')) WHERE NOT trusted;

-- The queue is a small, quickly changing part of a large table.
ALTER TABLE connector_event SET (
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.02
);

COMMENT ON TABLE connector_event IS 'Inbound events: hints that an order may have changed. The table is the queue.';
COMMENT ON COLUMN connector_event.event_type IS 'The marketplace''s code of the push; an open set.';
COMMENT ON COLUMN connector_event.delivery_id IS
    'The marketplace''s id of the delivery; null where a trusted event of other content had it first.';
COMMENT ON COLUMN connector_event.content_key IS
    'What a push, its repetition and a lost push of the same change have in common.';
COMMENT ON COLUMN connector_event.trusted IS
    'Whether it may be acted upon: its signature matched, or we fetched it ourselves. Only trusted events are duplicates of each other.';
COMMENT ON COLUMN connector_event.signature IS 'The header as it came, its first 512 characters.';
COMMENT ON COLUMN connector_event.signature_ok IS 'Null where no signature is expected.';
COMMENT ON COLUMN connector_event.body IS 'Byte for byte as it came: the signature is over it.';
COMMENT ON COLUMN connector_event.next_attempt_at IS
    'When it is worked on (again). infinity: not before a person, a SKU or a new event asks for it.';
COMMENT ON COLUMN connector_event.asked_again IS
    'Somebody asked for it again since it was taken up last: attempts start over.';

-- A retry is nothing but UPDATE … SET processed = false, also where it already was: the event is
-- due at once (as long as it has been waiting). Only this row is touched, so that nobody who asks
-- for a retry waits for a worker. A row on which nothing can be done stays as it is, and says so.
CREATE FUNCTION connector_event_is_asked_for_again() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    IF NOT NEW.trusted OR NEW.order_sn IS NULL OR NEW.profile_id IS NULL THEN
        RAISE NOTICE 'event % is left as it is: %', NEW.id, CASE
            WHEN NOT NEW.trusted THEN 'it was not verified'
            WHEN NEW.order_sn IS NULL THEN 'it names no order'
            ELSE 'it belongs to no profile'
        END;
        RETURN NULL;
    END IF;
    NEW.processed_at := NULL;
    NEW.outcome := NULL;
    NEW.next_attempt_at := NEW.received_at;
    NEW.asked_again := true;
    RETURN NEW;
END
$$;

CREATE TRIGGER connector_event_is_asked_for_again
    BEFORE UPDATE OF processed ON connector_event
    FOR EACH ROW WHEN (NOT NEW.processed)
    EXECUTE FUNCTION connector_event_is_asked_for_again();

CREATE TABLE connector_order (
    id text PRIMARY KEY DEFAULT fresh_id('sosync')
        CONSTRAINT connector_order_id_check CHECK (id ~ '^sosync_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    connector text NOT NULL,
    environment text NOT NULL CHECK (environment IN ('sandbox', 'live')),
    order_sn text NOT NULL
        CONSTRAINT connector_order_order_sn_check CHECK (order_sn ~ '^[\u0021-\u002B\u002D-\u007E]{1,64}$'),
    profile_id text NOT NULL
        CONSTRAINT connector_order_profile_id_check CHECK (profile_id ~ '^[A-Za-z0-9_-]{1,64}$'),
    shop_id bigint,
    order_id text UNIQUE REFERENCES sales_order (id) ON DELETE SET NULL,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'created', 'failed')),
    hold text CHECK (hold IN ('mapping')),
    shopee_status text,
    marketplace_updated_at timestamptz,
    placed_at timestamptz,
    ship_by timestamptz,
    currency text,
    total numeric(20, 6),
    last_event_id text,
    attempts int NOT NULL DEFAULT 0,
    lease text,
    lease_until timestamptz,
    escrow_due_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT connector_order_marketplace_key UNIQUE (order_sn, connector, environment),
    CONSTRAINT connector_order_lease_check CHECK ((lease IS NULL) = (lease_until IS NULL))
);

CREATE INDEX connector_order_leased_idx ON connector_order (lease) WHERE lease IS NOT NULL;
CREATE INDEX connector_order_status_idx ON connector_order (status, id);
CREATE INDEX connector_order_shopee_status_idx ON connector_order (shopee_status, id);
CREATE INDEX connector_order_hold_idx ON connector_order (id) WHERE hold IS NOT NULL;
CREATE INDEX connector_order_escrow_idx ON connector_order (escrow_due_at) WHERE escrow_due_at IS NOT NULL;

COMMENT ON TABLE connector_order IS
    'What is known of a marketplace order, and the work on it. Outlives the order that was made of it.';
COMMENT ON COLUMN connector_order.hold IS 'mapping: a SKU is missing; the order comes back by itself when it appears.';
COMMENT ON COLUMN connector_order.shopee_status IS 'In the marketplace''s words; an open set.';
COMMENT ON COLUMN connector_order.marketplace_updated_at IS 'update_time of what was seen last.';
COMMENT ON COLUMN connector_order.lease IS
    'The claim under which it is being worked on; free again from lease_until on.';
COMMENT ON COLUMN connector_order.escrow_due_at IS 'Since when its payout details are to be fetched.';

CREATE TABLE connector_order_hold (
    connector_order_id text NOT NULL REFERENCES connector_order (id) ON DELETE CASCADE,
    sku text NOT NULL,
    PRIMARY KEY (connector_order_id, sku)
);

CREATE INDEX connector_order_hold_sku_idx ON connector_order_hold (sku);

COMMENT ON TABLE connector_order_hold IS 'The SKUs that an order waits for.';

-- A SKU that appears, by whatever statement, releases the orders that wait for it. Whoever holds an
-- order tries for the same lock exclusively: with it the SKU is looked for once more, without it the
-- order is looked at again soon. So neither misses the other, and a worker, who has variants locked
-- that the rest of a catalogue change may be after, never waits for one.
CREATE FUNCTION product_variant_releases_orders() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    skus text[];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        skus := ARRAY(SELECT sku FROM after_it EXCEPT SELECT sku FROM before_it);
    ELSE
        skus := ARRAY(SELECT sku FROM after_it);
    END IF;
    IF cardinality(skus) = 0 THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtextextended(current_schema() || '.connector_order_hold', 0));
    UPDATE connector_event AS event
    SET next_attempt_at = event.received_at, asked_again = true
    FROM (
        SELECT waiting.id
        FROM connector_event AS waiting
        JOIN connector_order AS held
          ON held.connector = waiting.connector
         AND held.environment = waiting.environment
         AND held.order_sn = waiting.order_sn
        WHERE held.id IN (SELECT connector_order_id FROM connector_order_hold WHERE sku = ANY (skus))
          AND waiting.trusted
          AND NOT waiting.processed
        -- In one order for everybody who changes the catalogue.
        ORDER BY waiting.id
        FOR UPDATE OF waiting
    ) AS released
    WHERE event.id = released.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER product_variant_releases_orders_when_added
    AFTER INSERT ON product_variant
    REFERENCING NEW TABLE AS after_it
    FOR EACH STATEMENT EXECUTE FUNCTION product_variant_releases_orders();

CREATE TRIGGER product_variant_releases_orders_when_renamed
    AFTER UPDATE ON product_variant
    REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it
    FOR EACH STATEMENT EXECUTE FUNCTION product_variant_releases_orders();

CREATE TABLE connector_exception (
    id text PRIMARY KEY DEFAULT fresh_id('cex')
        CONSTRAINT connector_exception_id_check CHECK (id ~ '^cex_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    connector text NOT NULL,
    environment text NOT NULL CHECK (environment IN ('sandbox', 'live')),
    profile_id text,
    shop_id bigint,
    order_sn text
        CONSTRAINT connector_exception_order_sn_check CHECK (order_sn ~ '^[\u0021-\u002B\u002D-\u007E]{1,64}$'),
    subject text NOT NULL GENERATED ALWAYS AS (
        CASE WHEN order_sn IS NULL THEN 'profile:' || coalesce(profile_id, '') ELSE 'order:' || order_sn END
    ) STORED,
    raw_event_id text,
    error_class text NOT NULL,
    cause text NOT NULL,
    error_message text NOT NULL,
    retry_count bigint NOT NULL DEFAULT 0,
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'resolved', 'wont_fix')),
    due_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    resolved_at timestamptz,
    resolved_by text,
    operator_note text
);

CREATE UNIQUE INDEX connector_exception_open_key
    ON connector_exception (subject, error_class, cause, connector, environment) WHERE status = 'open';
CREATE INDEX connector_exception_status_idx ON connector_exception (status, id);
CREATE INDEX connector_exception_order_idx ON connector_exception (order_sn) WHERE order_sn IS NOT NULL;

COMMENT ON TABLE connector_exception IS 'What did not go by itself: one open row per cause and subject, counted.';
COMMENT ON COLUMN connector_exception.subject IS 'What it is about: the order, else the profile.';
COMMENT ON COLUMN connector_exception.raw_event_id IS
    'The event that showed it last; no foreign key, because the table depends on the connector.';
COMMENT ON COLUMN connector_exception.error_class IS 'The kind; the set grows.';
COMMENT ON COLUMN connector_exception.cause IS 'Tells two causes of one class and subject apart.';
COMMENT ON COLUMN connector_exception.retry_count IS 'How often it recurred after the first time.';

CREATE TABLE connector_alert (
    id text PRIMARY KEY DEFAULT fresh_id('alrt')
        CONSTRAINT connector_alert_id_check CHECK (id ~ '^alrt_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    payload jsonb NOT NULL,
    attempts int NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    lease text,
    lease_until timestamptz,
    last_error text,
    delivered_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX connector_alert_due_idx ON connector_alert (next_attempt_at, id) WHERE delivered_at IS NULL;

COMMENT ON TABLE connector_alert IS 'Messages to a person, kept until a sink has taken them.';

CREATE TABLE shopee_escrow (
    id text PRIMARY KEY DEFAULT fresh_id('sesc')
        CONSTRAINT shopee_escrow_id_check CHECK (id ~ '^sesc_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    environment text NOT NULL DEFAULT 'live' CHECK (environment IN ('sandbox', 'live')),
    ordersn text NOT NULL
        CONSTRAINT shopee_escrow_ordersn_check CHECK (ordersn ~ '^[\u0021-\u002B\u002D-\u007E]{1,64}$'),
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
    currency text NOT NULL,
    escrow_release_time timestamptz,
    raw_escrow_payload jsonb NOT NULL,
    fetched_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT shopee_escrow_ordersn_key UNIQUE (environment, ordersn)
);

COMMENT ON COLUMN shopee_escrow.escrow_amount IS 'What the merchant actually receives.';
COMMENT ON COLUMN shopee_escrow.currency IS 'The order''s: the payout details name none.';
COMMENT ON COLUMN shopee_escrow.raw_escrow_payload IS 'The whole of the payout details, for what has no column.';
