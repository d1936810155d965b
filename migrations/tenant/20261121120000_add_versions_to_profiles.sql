-- What a person manages of a profile beyond what pushes and calls need: a version against lost
-- updates, and the end of the partner key.

ALTER TABLE connector_profile
    ADD COLUMN version bigint NOT NULL DEFAULT 1,
    ADD COLUMN partner_key_ends_at timestamptz;

COMMENT ON COLUMN connector_profile.version IS
    'Increases with every change, by whatever path; whatever a statement sets it to.';
COMMENT ON COLUMN connector_profile.partner_key_ends_at IS
    'As noted by an operator: the marketplace tells it nowhere but in its console.';

CREATE FUNCTION connector_profile_is_changed() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END
$$;

-- The same secrets sealed under another key are no change of the profile. Whoever seals them anew says
-- so for the time of the statement: SET LOCAL hawker.is_resealing TO on.
CREATE TRIGGER connector_profile_is_changed
    BEFORE UPDATE ON connector_profile
    FOR EACH ROW
    WHEN (coalesce(current_setting('hawker.is_resealing', true), '') <> 'on')
    EXECUTE FUNCTION connector_profile_is_changed();
