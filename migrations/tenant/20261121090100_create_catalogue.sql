-- Products and what they are sold as, cards and slabs included.

-- Ids are prefixed ULIDs. The service brings its own; rows that are entered by hand get one here.
-- A row with an id of another form could not be read, and would hold up what is read with it: each
-- table refuses it, and so do those with an order number the one that could not be asked for.
CREATE FUNCTION fresh_id(prefix text) RETURNS text
    LANGUAGE plpgsql VOLATILE PARALLEL SAFE
AS $$
DECLARE
    digits CONSTANT text := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    milliseconds CONSTANT bigint := floor(extract(epoch FROM clock_timestamp()) * 1000);
    noise CONSTANT bytea := uuid_send(gen_random_uuid());
    id text := prefix || '_';
BEGIN
    FOR place IN 0..9 LOOP
        id := id || substr(digits, ((milliseconds >> (45 - 5 * place)) & 31)::int + 1, 1);
    END LOOP;
    FOR place IN 0..15 LOOP
        id := id || substr(digits, (get_byte(noise, place) & 31) + 1, 1);
    END LOOP;
    RETURN id;
END
$$;

COMMENT ON FUNCTION fresh_id(text) IS 'A new id, increasing over time: the prefix, _ and a ULID.';

CREATE TABLE product (
    id text PRIMARY KEY DEFAULT fresh_id('prod')
        CONSTRAINT product_id_check CHECK (id ~ '^prod_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    title text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX product_title_idx ON product (title);

CREATE TABLE product_variant (
    id text PRIMARY KEY DEFAULT fresh_id('variant')
        CONSTRAINT product_variant_id_check CHECK (id ~ '^variant_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    product_id text NOT NULL REFERENCES product (id) ON DELETE CASCADE,
    sku text NOT NULL
        -- White space as Unicode has it, because that is what is trimmed off an order line's SKU.
        CONSTRAINT product_variant_sku_trimmed_check CHECK (
            sku <> ''
            AND sku !~ '^[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]|[\u0009-\u000D\u0020\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]$'
        )
        CONSTRAINT product_variant_sku_check
            CHECK (char_length(sku) <= 200 AND sku !~ '[\u0001-\u001F\u007F-\u009F]'),
    title text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT product_variant_sku_key UNIQUE (sku)
);

CREATE INDEX product_variant_product_idx ON product_variant (product_id);

COMMENT ON COLUMN product_variant.sku IS
    'Stock-keeping unit, compared exactly. Orders that wait for a SKU are released when it appears here, by whatever statement.';
COMMENT ON COLUMN product_variant.title IS 'What tells the variant from its siblings, if it has any.';

CREATE TABLE variant_price (
    variant_id text NOT NULL REFERENCES product_variant (id) ON DELETE CASCADE,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    amount numeric(20, 6) NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (variant_id, currency)
);

COMMENT ON COLUMN variant_price.amount IS 'Price of one piece in major units of the currency.';

CREATE TABLE tcg_variant_metadata (
    variant_id text PRIMARY KEY REFERENCES product_variant (id) ON DELETE CASCADE,
    game text,
    set_code text,
    set_name text,
    card_number text,
    card_name text,
    rarity text,
    condition text,
    language text,
    finish text,
    attributes jsonb NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE tcg_variant_metadata IS 'What a variant is as a trading card.';
COMMENT ON COLUMN tcg_variant_metadata.condition IS 'For example NM, LP; open, because shops grade differently.';
COMMENT ON COLUMN tcg_variant_metadata.finish IS 'For example holo, reverse; open, because every game has its own.';

CREATE TABLE tcg_serialized_item (
    id text PRIMARY KEY DEFAULT fresh_id('tsi')
        CONSTRAINT tcg_serialized_item_id_check CHECK (id ~ '^tsi_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    variant_id text NOT NULL REFERENCES product_variant (id),
    grader text NOT NULL,
    cert_number text NOT NULL,
    grade text,
    state text NOT NULL DEFAULT 'available'
        CHECK (state IN ('available', 'reserved', 'sold', 'withdrawn')),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tcg_serialized_item_cert_key UNIQUE (grader, cert_number)
);

CREATE INDEX tcg_serialized_item_variant_idx ON tcg_serialized_item (variant_id);

COMMENT ON TABLE tcg_serialized_item IS 'A thing that exists once, such as a graded slab.';
COMMENT ON COLUMN tcg_serialized_item.cert_number IS 'The number that the grader gave this one piece.';

CREATE TABLE tcg_channel_listing (
    id text PRIMARY KEY DEFAULT fresh_id('tcl')
        CONSTRAINT tcg_channel_listing_id_check CHECK (id ~ '^tcl_[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    variant_id text REFERENCES product_variant (id) ON DELETE CASCADE,
    serialized_item_id text REFERENCES tcg_serialized_item (id) ON DELETE CASCADE,
    channel text NOT NULL
        CHECK (channel IN ('shopee', 'lazada', 'telegram', 'carousell', 'instagram', 'in_store', 'event')),
    environment text NOT NULL DEFAULT 'live' CHECK (environment IN ('sandbox', 'live')),
    external_listing_id text NOT NULL,
    external_variation_id text,
    listing_url text,
    status text NOT NULL DEFAULT 'active'
        CHECK (status IN ('active', 'inactive', 'out_of_stock', 'paused')),
    last_synced_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tcg_channel_listing_one_target_check
        CHECK (num_nonnulls(variant_id, serialized_item_id) = 1)
);

CREATE INDEX tcg_channel_listing_external_idx
    ON tcg_channel_listing (channel, external_listing_id, external_variation_id);
-- A marketplace numbers its listings in each environment anew.
CREATE UNIQUE INDEX tcg_channel_listing_external_key
    ON tcg_channel_listing (external_listing_id, coalesce(external_variation_id, ''), channel, environment);
CREATE INDEX tcg_channel_listing_variant_idx ON tcg_channel_listing (variant_id);
CREATE INDEX tcg_channel_listing_item_idx ON tcg_channel_listing (serialized_item_id);

COMMENT ON TABLE tcg_channel_listing IS
    'Where a variant or a serialised item is offered. Written when an order shows it; never asked to map an order.';
COMMENT ON COLUMN tcg_channel_listing.external_listing_id IS 'Shopee: item_id.';
COMMENT ON COLUMN tcg_channel_listing.external_variation_id IS 'Shopee: model_id; null where the item has no variations.';
