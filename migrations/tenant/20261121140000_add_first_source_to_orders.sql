-- By which road an order was first heard of, and when.

ALTER TABLE connector_order
    ADD COLUMN first_source text
        CONSTRAINT connector_order_first_source_check
            CHECK (first_source IN ('webhook', 'poll', 'reconcile', 'manual')),
    ADD COLUMN first_heard_at timestamptz;

-- Whoever makes the record notes it from the earliest event that may be acted upon; so does this.
UPDATE connector_order AS known
SET first_source = first.source, first_heard_at = first.received_at
FROM (
    SELECT DISTINCT ON (order_sn, connector, environment)
        order_sn, connector, environment, source, received_at
    FROM connector_event
    WHERE trusted AND order_sn IS NOT NULL
    ORDER BY order_sn, connector, environment, received_at, id
) AS first
WHERE known.order_sn = first.order_sn
  AND known.connector = first.connector
  AND known.environment = first.environment;

COMMENT ON COLUMN connector_order.first_source IS
    'By which road it first came; null where no event tells it.';
COMMENT ON COLUMN connector_order.first_heard_at IS 'When its first event was received.';
