-- Forgets events that were dealt with, unless an open exception needs them. $1: their ids, $2: before then.
DELETE FROM connector_event
WHERE id = ANY (ARRAY(
    SELECT event.id
    FROM connector_event AS event
    WHERE event.id = ANY ($1)
      AND event.trusted
      AND event.processed
      AND event.processed_at < $2
      -- How a retry of its exceptions came out is read off the events of an order.
      AND NOT EXISTS (
          SELECT FROM connector_exception AS raised
          WHERE raised.order_sn = event.order_sn
            AND raised.connector = event.connector
            AND raised.environment = event.environment
            AND raised.status = 'open'
      )
      -- By itself, so that it is read once for all of them.
      AND event.id NOT IN (
          SELECT named.raw_event_id
          FROM connector_exception AS named
          WHERE named.status = 'open' AND named.order_sn IS NULL AND named.raw_event_id IS NOT NULL
      )
    ORDER BY event.id
    FOR UPDATE OF event SKIP LOCKED
))
