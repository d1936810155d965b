SELECT profile_id, at, endpoint, result, code, request_id, took_us, clock_skew_s
FROM connector_call
WHERE profile_id = $1
ORDER BY at DESC, id DESC
LIMIT $2
