SELECT request, status, content_type, etag, body
FROM api_request
WHERE bearer = $1 AND key = $2
