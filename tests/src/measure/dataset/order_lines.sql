-- The lines of the orders $1 to below $2.
INSERT INTO sales_order_line (
    id, order_id, position, line_key, variant_id, sku, external_item_id, external_model_id, title, quantity,
    cancelled_quantity, unit_price, original_price, price_basis, stock
)
SELECT line.id, placed.id, k, format('%s-%s-%s', 1000000 + variant, 2000000 + variant, k), carried.id,
       carried.sku, 1000000 + variant, 2000000 + variant, 'Card ' || variant, quantity,
       CASE WHEN stock = 'released' THEN quantity ELSE 0 END, price, price * 1.1, 'discounted', stock
FROM measure.world_order AS placed
JOIN measure.world_line AS line USING (n)
CROSS JOIN measure.size AS size
JOIN product_variant AS carried ON carried.id = 'variant_' || measure.ulid(size.begins_at, variant)
WHERE placed.n >= $1 AND placed.n < $2
