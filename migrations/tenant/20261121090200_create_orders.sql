-- Orders, as the merchant works on them. What the marketplace says of them is in connector_order.

CREATE TABLE sales_channel (
    id text PRIMARY KEY DEFAULT fresh_id('sc')
        CONSTRAINT sales_channel_id_check CHECK (id ~ '^sc_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    connector text NOT NULL UNIQUE,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE sales_channel IS 'Made when the first order comes through a connector.';

CREATE TABLE customer (
    id text PRIMARY KEY DEFAULT fresh_id('cus')
        CONSTRAINT customer_id_check CHECK (id ~ '^cus_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    sales_channel_id text NOT NULL REFERENCES sales_channel (id),
    external_id text NOT NULL,
    username text,
    email text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customer_external_key UNIQUE (sales_channel_id, external_id)
);

COMMENT ON COLUMN customer.external_id IS 'The channel''s id of the buyer: one customer for each.';
COMMENT ON COLUMN customer.email IS 'Synthetic: marketplaces do not tell the real one.';

CREATE TABLE sales_order (
    id text PRIMARY KEY DEFAULT fresh_id('ord')
        CONSTRAINT sales_order_id_check CHECK (id ~ '^ord_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    connector text NOT NULL,
    environment text NOT NULL CHECK (environment IN ('sandbox', 'live')),
    order_sn text NOT NULL
        CONSTRAINT sales_order_order_sn_check CHECK (order_sn ~ '^[\u0021-\u002B\u002D-\u007E]{1,64}$'),
    sales_channel_id text NOT NULL REFERENCES sales_channel (id),
    profile_id text NOT NULL
        CONSTRAINT sales_order_profile_id_check CHECK (profile_id ~ '^[A-Za-z0-9_-]{1,64}$'),
    shop_id bigint NOT NULL,
    customer_id text REFERENCES customer (id),
    status text NOT NULL CHECK (status IN ('pending', 'open', 'completed', 'canceled')),
    ended_at timestamptz,
    fulfillment_status text NOT NULL
        CHECK (fulfillment_status IN ('unfulfilled', 'shipment_created', 'fulfilled')),
    fulfilled_at timestamptz,
    marketplace_status text NOT NULL,
    marketplace_updated_at timestamptz NOT NULL,
    placed_at timestamptz NOT NULL,
    ship_by timestamptz,
    currency text NOT NULL,
    total numeric(20, 6),
    fulfilled_by text NOT NULL CHECK (fulfilled_by IN ('seller', 'marketplace')),
    message_to_seller text,
    note text,
    cancellation_told boolean NOT NULL DEFAULT false,
    canceled_by text,
    cancel_reason text,
    buyer_cancel_reason text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sales_order_marketplace_key UNIQUE (order_sn, connector, environment),
    CONSTRAINT sales_order_ended_check
        CHECK ((status IN ('completed', 'canceled')) = (ended_at IS NOT NULL)),
    CONSTRAINT sales_order_fulfilled_check
        CHECK ((fulfillment_status = 'fulfilled') = (fulfilled_at IS NOT NULL))
);

CREATE INDEX sales_order_customer_idx ON sales_order (customer_id);

COMMENT ON COLUMN sales_order.ended_at IS 'When we learned that the order was completed or cancelled.';
COMMENT ON COLUMN sales_order.marketplace_status IS 'In the marketplace''s words; an open set.';
COMMENT ON COLUMN sales_order.marketplace_updated_at IS
    'update_time of the snapshot applied last; an older snapshot changes nothing.';
COMMENT ON COLUMN sales_order.total IS 'What the buyer pays, shipping included, in major units; null until paid.';
COMMENT ON COLUMN sales_order.fulfilled_by IS 'marketplace: the goods are in its own warehouse and not in our stock.';
COMMENT ON COLUMN sales_order.cancellation_told IS
    'Whether the marketplace told of a cancellation at all; by whom and why may still be unknown.';
COMMENT ON COLUMN sales_order.version IS 'Counts the changes.';

CREATE TABLE sales_order_line (
    id text PRIMARY KEY DEFAULT fresh_id('ordl')
        CONSTRAINT sales_order_line_id_check CHECK (id ~ '^ordl_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    order_id text NOT NULL REFERENCES sales_order (id) ON DELETE CASCADE,
    position int NOT NULL,
    line_key text NOT NULL,
    variant_id text REFERENCES product_variant (id),
    sku text,
    external_item_id bigint NOT NULL,
    external_model_id bigint NOT NULL,
    title text NOT NULL,
    quantity int NOT NULL CHECK (quantity >= 0),
    cancelled_quantity int NOT NULL CHECK (cancelled_quantity BETWEEN 0 AND quantity),
    unit_price numeric(20, 6) NOT NULL,
    original_price numeric(20, 6) NOT NULL,
    price_basis text NOT NULL CHECK (price_basis IN ('discounted', 'bundle_estimate')),
    stock text NOT NULL CHECK (stock IN ('untouched', 'reserved', 'deducted', 'released')),
    CONSTRAINT sales_order_line_key UNIQUE (order_id, line_key)
);

CREATE INDEX sales_order_line_variant_idx ON sales_order_line (variant_id);

COMMENT ON COLUMN sales_order_line.line_key IS
    'Tells the lines of an order apart: the marketplace''s line id, else item, model and promotion group together.';
COMMENT ON COLUMN sales_order_line.variant_id IS
    'Null only where no stock is touched and the SKU is unknown.';
COMMENT ON COLUMN sales_order_line.external_model_id IS '0 where the item has no variations.';
COMMENT ON COLUMN sales_order_line.price_basis IS
    'bundle_estimate: the marketplace gave 0 for a bundle deal, the original price stands in.';
COMMENT ON COLUMN sales_order_line.stock IS 'What the line holds in stock; where, is in stock_reservation.';

CREATE TABLE order_address (
    order_id text PRIMARY KEY REFERENCES sales_order (id) ON DELETE CASCADE,
    name text,
    phone text,
    full_address text,
    town text,
    district text,
    city text,
    state text,
    postal_code text,
    country_code text
);

COMMENT ON TABLE order_address IS
    'Where an order goes. The marketplace masks parts; a masked part never replaces a readable one.';

CREATE TABLE order_payment (
    order_id text PRIMARY KEY REFERENCES sales_order (id) ON DELETE CASCADE,
    status text NOT NULL CHECK (status IN ('awaiting', 'on_delivery', 'captured', 'voided')),
    captured_at timestamptz,
    method text,
    cash_on_delivery boolean NOT NULL,
    CONSTRAINT order_payment_captured_check CHECK ((status = 'captured') = (captured_at IS NOT NULL))
);

COMMENT ON COLUMN order_payment.captured_at IS 'When the buyer paid.';

CREATE TABLE order_shipment (
    id text PRIMARY KEY DEFAULT fresh_id('shp')
        CONSTRAINT order_shipment_id_check CHECK (id ~ '^shp_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    order_id text NOT NULL REFERENCES sales_order (id) ON DELETE CASCADE,
    position int NOT NULL,
    package_number text NOT NULL,
    state text NOT NULL CHECK (state IN
        ('arranged', 'pickup_failed', 'in_transit', 'delivered', 'delivery_failed', 'lost', 'canceled')),
    carrier text,
    tracking_number text,
    logistics_status text
);

CREATE INDEX order_shipment_order_idx ON order_shipment (order_id);

COMMENT ON COLUMN order_shipment.package_number IS 'Blank where the marketplace has not named one.';
COMMENT ON COLUMN order_shipment.logistics_status IS 'In the marketplace''s words; an open set.';

CREATE TABLE order_timeline (
    id text PRIMARY KEY DEFAULT fresh_id('otl')
        CONSTRAINT order_timeline_id_check CHECK (id ~ '^otl_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    order_id text NOT NULL REFERENCES sales_order (id) ON DELETE CASCADE,
    at timestamptz NOT NULL,
    step text NOT NULL,
    marketplace_status text NOT NULL,
    event_id text,
    note text
);

CREATE INDEX order_timeline_order_idx ON order_timeline (order_id, id);

COMMENT ON COLUMN order_timeline.event_id IS 'The event that led to it; no foreign key, events may be archived.';
