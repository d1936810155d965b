-- The life of a token pair: what it is good for, when its parts end, how renewals went, and who has
-- the right to renew it at this moment.

ALTER TABLE connector_token
    ADD COLUMN state text NOT NULL DEFAULT 'active'
        CONSTRAINT connector_token_state_check CHECK (state IN ('active', 'needs_reauthorisation', 'revoked')),
    ADD COLUMN state_reason text,
    ADD COLUMN authorised_at timestamptz,
    ADD COLUMN refresh_token_ends_at timestamptz,
    ADD COLUMN refresh_token_last_used_at timestamptz,
    ADD COLUMN authorisation_ends_at timestamptz,
    ADD COLUMN last_refresh_attempt_at timestamptz,
    ADD COLUMN last_refresh_status text
        CONSTRAINT connector_token_last_refresh_status_check CHECK (last_refresh_status IN ('success', 'failure')),
    ADD COLUMN last_refresh_error text,
    ADD COLUMN in_doubt_since timestamptz,
    ADD COLUMN generation bigint NOT NULL DEFAULT 1,
    ADD COLUMN main_account bigint,
    ADD COLUMN refresh_lease text,
    ADD COLUMN refresh_lease_until timestamptz,
    ADD COLUMN refresh_begun_at timestamptz,
    ADD CONSTRAINT connector_token_last_refresh_check
        CHECK ((last_refresh_attempt_at IS NULL) = (last_refresh_status IS NULL)),
    ADD CONSTRAINT connector_token_refresh_lease_check
        CHECK (num_nulls(refresh_lease, refresh_lease_until, refresh_begun_at) IN (0, 3));

-- Pairs were only ever obtained by an authorisation so far. A refresh token lives 30 days.
UPDATE connector_token
SET authorised_at = refreshed_at,
    refresh_token_ends_at = refreshed_at + interval '720 hours';

ALTER TABLE connector_token
    ALTER COLUMN authorised_at SET NOT NULL,
    ALTER COLUMN refresh_token_ends_at SET NOT NULL;

COMMENT ON COLUMN connector_token.state IS 'Calls are made with active pairs only.';
COMMENT ON COLUMN connector_token.state_reason IS 'Why it is not active, in words.';
COMMENT ON COLUMN connector_token.authorised_at IS
    'When the seller authorised, as far as we saw it: a renewal does not change it.';
COMMENT ON COLUMN connector_token.authorisation_ends_at IS 'As the marketplace said last; null where it is not known.';
COMMENT ON COLUMN connector_token.in_doubt_since IS
    'A renewal was begun then and its end was never stored: the refresh token may be used up.';
COMMENT ON COLUMN connector_token.generation IS 'Increases with each pair of the shop.';
COMMENT ON COLUMN connector_token.main_account IS 'The main account through which the seller authorised, if any.';
COMMENT ON COLUMN connector_token.refresh_lease IS
    'Who has the right to renew the pair; free again from refresh_lease_until on.';
COMMENT ON COLUMN connector_token.refresh_begun_at IS 'When that right was taken.';

-- A pair that comes by a statement which knows nothing of generations, by hand or from an older
-- version of the program, is a new pair all the same.
CREATE FUNCTION connector_token_is_obtained() RETURNS trigger
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
    NEW.refresh_lease := NULL;
    NEW.refresh_lease_until := NULL;
    NEW.refresh_begun_at := NULL;
    RETURN NEW;
END
$$;

CREATE TRIGGER connector_token_is_added
    BEFORE INSERT ON connector_token
    FOR EACH ROW EXECUTE FUNCTION connector_token_is_obtained();

CREATE TRIGGER connector_token_is_replaced
    BEFORE UPDATE OF refreshed_at ON connector_token
    FOR EACH ROW
    WHEN (NEW.refreshed_at <> OLD.refreshed_at AND NEW.generation = OLD.generation)
    EXECUTE FUNCTION connector_token_is_obtained();
