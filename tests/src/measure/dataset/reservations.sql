-- What the lines of the orders $1 to below $2 hold, held or gave back.
INSERT INTO stock_reservation (order_line_id, location_id, variant_id, quantity, state, updated_at)
SELECT line.id, 'sloc_' || measure.ulid(size.begins_at, 0), 'variant_' || measure.ulid(size.begins_at, variant),
       quantity, stock, placed.updated_at
FROM measure.size AS size
CROSS JOIN measure.world_order AS placed
JOIN measure.world_line AS line USING (n)
WHERE placed.n >= $1 AND placed.n < $2
