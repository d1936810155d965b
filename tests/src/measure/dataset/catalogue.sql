-- Products with a variant each, two places, buyers. Variant 0 is the card that the benchmark sells.
INSERT INTO product (id, title, created_at, updated_at)
SELECT 'prod_' || measure.ulid(size.begins_at, v), 'Card ' || v, size.begins_at, size.begins_at
FROM measure.size AS size, generate_series(0, size.variants - 1) AS v;

INSERT INTO product_variant (id, product_id, sku, title, created_at, updated_at)
SELECT 'variant_' || measure.ulid(size.begins_at, v), 'prod_' || measure.ulid(size.begins_at, v),
       CASE v WHEN 0 THEN 'POK-OBF-223-NM-EN'
           ELSE format('%s-%s-%s-%s-EN', (ARRAY['POK', 'MTG', 'OPC', 'YGO'])[1 + v % 4],
               upper(substr(md5(v::text), 1, 3)), lpad(v::text, 5, '0'),
               (ARRAY['NM', 'LP', 'MP'])[1 + v % 3])
       END,
       CASE WHEN v % 3 = 0 THEN 'Near mint' END, size.begins_at, size.begins_at
FROM measure.size AS size, generate_series(0, size.variants - 1) AS v;

INSERT INTO variant_price (variant_id, currency, amount, updated_at)
SELECT 'variant_' || measure.ulid(size.begins_at, v), 'SGD', 2 + measure.pick(v, 6, 14800) / 100.0,
       size.begins_at
FROM measure.size AS size, generate_series(0, size.variants - 1) AS v;

INSERT INTO tcg_variant_metadata (variant_id, game, set_code, card_number, card_name, condition, language)
SELECT 'variant_' || measure.ulid(size.begins_at, v), (ARRAY['POK', 'MTG', 'OPC', 'YGO'])[1 + v % 4],
       upper(substr(md5(v::text), 1, 3)), v::text, 'Card ' || v, (ARRAY['NM', 'LP', 'MP'])[1 + v % 3], 'EN'
FROM measure.size AS size, generate_series(0, size.variants - 1) AS v;

-- A new tenant has a place already.
DELETE FROM stock_location;

INSERT INTO stock_location (id, code, name, priority)
SELECT 'sloc_' || measure.ulid(size.begins_at, place), code, name, place
FROM measure.size AS size,
     (VALUES (0, 'main', 'Main'), (1, 'counter', 'Shop counter')) AS places (place, code, name);

INSERT INTO sales_channel (id, connector, name, created_at)
SELECT 'sc_' || measure.ulid(size.begins_at, 0), 'shopee', 'Shopee', size.begins_at
FROM measure.size AS size;

INSERT INTO customer (id, sales_channel_id, external_id, username, email, created_at, updated_at)
SELECT 'cus_' || measure.ulid(size.begins_at, c), 'sc_' || measure.ulid(size.begins_at, 0),
       (900000000 + c)::text, 'buyer' || c, format('shopee-%s@buyers.invalid', 900000000 + c),
       size.begins_at, size.begins_at
FROM measure.size AS size, generate_series(0, size.customers - 1) AS c;
