-- What was booked in: enough for everything that was sold, and some more. Levels follow from the ledger.
INSERT INTO stock_ledger (
    id, variant_id, location_id, movement, on_hand_delta, reserved_delta, cause_kind, cause_id, cause_text, at
)
SELECT 'stk_' || measure.ulid(size.begins_at, -1 - v * 2 - place), 'variant_' || measure.ulid(size.begins_at, v),
       'sloc_' || measure.ulid(size.begins_at, place), 'receive',
       CASE WHEN place = 1 THEN 5 WHEN v = 0 THEN 1000000 ELSE 50 END + coalesce(sold.pieces, 0) * (1 - place),
       0, 'stated', 'measure', 'opening stock', size.begins_at
FROM measure.size AS size
CROSS JOIN generate_series(0, size.variants - 1) AS v
CROSS JOIN generate_series(0, 1) AS place
LEFT JOIN (
    SELECT variant, sum(quantity) AS pieces FROM measure.world_line WHERE stock <> 'released' GROUP BY variant
) AS sold ON sold.variant = v;

INSERT INTO stock_level (variant_id, location_id, on_hand, reserved)
SELECT variant_id, location_id, sum(on_hand_delta), sum(reserved_delta)
FROM stock_ledger
GROUP BY variant_id, location_id;
