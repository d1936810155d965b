-- A token pair belongs to the app that it was obtained with, and an attempt to renew it that failed may
-- say from when on the next one is of use.

ALTER TABLE connector_token
    ADD COLUMN partner_id bigint,
    ADD COLUMN refresh_again_at timestamptz;

-- Of older pairs nobody noted it: most likely the app that their profile names.
UPDATE connector_token
SET partner_id = profile.partner_id
FROM connector_profile AS profile
WHERE profile.id = connector_token.profile_id;

COMMENT ON COLUMN connector_token.partner_id IS
    'The app (partner id) that the pair was obtained with, null where it is not known. No other app renews it or calls with it.';
COMMENT ON COLUMN connector_token.refresh_again_at IS
    'Before this there is no use in another attempt to renew it, where the last one failed and said so.';

-- Which app a pair is from that comes by a statement which knows nothing of apps is not known.
CREATE OR REPLACE FUNCTION connector_token_is_obtained() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.authorised_at := coalesce(NEW.authorised_at, NEW.refreshed_at);
        NEW.refresh_token_ends_at :=
            coalesce(NEW.refresh_token_ends_at, NEW.refreshed_at + interval '720 hours');
        RETURN NEW;
    END IF;
    NEW.generation := OLD.generation + 1;
    NEW.state := 'active';
    NEW.state_reason := NULL;
    NEW.authorised_at := NEW.refreshed_at;
    NEW.refresh_token_ends_at := NEW.refreshed_at + interval '720 hours';
    NEW.in_doubt_since := NULL;
    NEW.last_refresh_attempt_at := NULL;
    NEW.last_refresh_status := NULL;
    NEW.last_refresh_error := NULL;
    NEW.refresh_again_at := NULL;
    NEW.refresh_lease := NULL;
    NEW.refresh_lease_until := NULL;
    NEW.refresh_begun_at := NULL;
    IF NEW.partner_id IS NOT DISTINCT FROM OLD.partner_id THEN
        NEW.partner_id := NULL;
    END IF;
    RETURN NEW;
END
$$;
