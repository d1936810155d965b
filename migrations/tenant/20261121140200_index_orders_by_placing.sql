-- no-transaction
CREATE INDEX CONCURRENTLY connector_order_placed_idx
    ON connector_order (placed_at, profile_id) WHERE placed_at IS NOT NULL;
