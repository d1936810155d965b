-- $1: orders, $2: profile, $3: shop. Two years, up to an hour before the last midnight: what is made later
-- can be told by its id.
INSERT INTO measure.size (
    orders, variants, customers, exceptions, audit, days, ends_at, begins_at, profile_id, shop_id
)
SELECT $1::bigint, greatest(200, $1 / 50), greatest(100, $1 * 3 / 10), greatest(400, $1 / 100),
       greatest(1000, $1 / 5), 730, ending, ending - interval '17520 hours', $2::text, $3::bigint
FROM (SELECT date_trunc('day', now(), 'UTC') - interval '1 hour' AS ending) AS until
