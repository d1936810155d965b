-- The movements of stock that the orders $1 to below $2 caused.
INSERT INTO stock_ledger (
    id, variant_id, location_id, movement, on_hand_delta, reserved_delta, cause_kind, cause_id, cause_text, at
)
SELECT 'stk_' || measure.ulid(moved.at, n * 32 + k * 2 + moved.nth),
       'variant_' || measure.ulid(size.begins_at, variant), 'sloc_' || measure.ulid(size.begins_at, 0),
       moved.movement, moved.on_hand * quantity, moved.reserved * quantity, 'order_line', line.id, placed.id,
       moved.at
FROM measure.size AS size
CROSS JOIN measure.world_order AS placed
JOIN measure.world_line AS line USING (n)
CROSS JOIN LATERAL (
    VALUES
        (0, 'reserve', 0, 1, placed_at + interval '3 seconds', true),
        (1, 'deduct', -1, -1, placed_at + (placed.updated_at - placed_at) * 0.5, stock = 'deducted'),
        (1, 'release', 0, -1, placed.updated_at, stock = 'released')
) AS moved (nth, movement, on_hand, reserved, at, happened)
WHERE placed.n >= $1 AND placed.n < $2 AND moved.happened
