-- When a parcel whose tracking number no push told is asked for.

ALTER TABLE order_shipment ADD COLUMN tracking_due_at timestamptz NOT NULL DEFAULT '-infinity';

COMMENT ON COLUMN order_shipment.tracking_due_at IS
    'When its tracking number is asked for, as long as it has none. -infinity: as soon as may be; infinity: no more.';
