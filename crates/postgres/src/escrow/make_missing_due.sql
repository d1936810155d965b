-- Completed orders of a profile without a payout that are not due at any time.
-- $1: connector, $2: environment, $3: profile, $4: ended at or after, $5: now.
UPDATE connector_order AS known
SET escrow_due_at = $5
FROM (
    SELECT record.id
    FROM sales_order AS head
    JOIN connector_order AS record ON record.order_id = head.id
    WHERE head.status = 'completed'
      AND head.ended_at >= $4
      AND record.connector = $1
      AND record.environment = $2
      AND record.profile_id = $3
      AND record.escrow_due_at IS NULL
      AND NOT EXISTS (
          SELECT FROM shopee_escrow AS kept
          WHERE kept.environment = record.environment AND kept.ordersn = record.order_sn
      )
    ORDER BY record.order_sn
    FOR UPDATE OF record
) AS missing
WHERE known.id = missing.id
