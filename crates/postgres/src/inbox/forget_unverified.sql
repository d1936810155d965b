-- Forgets events that never verified, unless an open exception names them. $1: their ids.
DELETE FROM connector_event
WHERE id = ANY (ARRAY(
    SELECT event.id
    FROM connector_event AS event
    WHERE event.id = ANY ($1)
      AND NOT event.trusted
      AND event.id NOT IN (
          SELECT named.raw_event_id
          FROM connector_exception AS named
          WHERE named.status = 'open' AND named.raw_event_id IS NOT NULL
      )
    ORDER BY event.id
    FOR UPDATE OF event SKIP LOCKED
))
