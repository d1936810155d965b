-- When the marketplace's list of releases said that the money of an order was released, from before its
-- payout was captured: the first version of the payout takes it over.
ALTER TABLE connector_order ADD COLUMN released_at timestamptz;

COMMENT ON COLUMN connector_order.released_at IS
    'When its money was released, as listed before its payout was captured. Afterwards shopee_escrow.escrow_release_time counts.';
