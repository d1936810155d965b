-- When the marketplace told of an order last: what is held may have changed after that, and not before.

ALTER TABLE connector_order ADD COLUMN seen_at timestamptz;

COMMENT ON COLUMN connector_order.seen_at IS
    'When what is held of it was fetched last; null where that was before this was noted.';
