-- no-transaction
CREATE INDEX CONCURRENTLY sales_order_completed_idx
    ON sales_order (ended_at) WHERE status = 'completed';
