-- Parcels without a tracking number that are to be asked for by now.
SELECT parcel.id, parcel.package_number, head.connector, head.environment, head.order_sn,
       head.profile_id, head.marketplace_updated_at
FROM order_shipment AS parcel
JOIN sales_order AS head ON head.id = parcel.order_id
WHERE parcel.tracking_number IS NULL
  AND parcel.package_number <> ''
  AND parcel.tracking_due_at <= $1
ORDER BY parcel.tracking_due_at, parcel.id
LIMIT $2
FOR UPDATE OF parcel SKIP LOCKED
