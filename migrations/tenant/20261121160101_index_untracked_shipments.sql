-- no-transaction
CREATE INDEX CONCURRENTLY order_shipment_untracked_idx
    ON order_shipment (tracking_due_at, id) WHERE tracking_number IS NULL AND package_number <> '';
