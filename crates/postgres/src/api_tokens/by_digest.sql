SELECT id, tenant_slug, name, scopes, hint, created_at, expires_at, last_used_at, revoked_at
FROM public.api_token
WHERE digest = $1
