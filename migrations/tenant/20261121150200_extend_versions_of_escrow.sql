-- The database alone says since when a version of a payout is known: by its own clock, as late as it can, so
-- that no report which was made before the version shows it. Numbers go on where they ended, also for a
-- payout that was removed and is captured again.

ALTER TABLE shopee_escrow ADD COLUMN listed_payout numeric(20, 6);

COMMENT ON COLUMN shopee_escrow.listed_payout IS
    'What the marketplace''s list of releases told of the payout, where that differed from what was known.';
COMMENT ON COLUMN shopee_escrow.known_at IS
    'Since when it is known, decided when it is written; fetched_at goes on while nothing changes.';

CREATE OR REPLACE FUNCTION shopee_escrow_is_changed() RETURNS trigger
    LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    last_version int;
    last_known_at timestamptz;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        -- By a statement that knows nothing of versions.
        IF NEW.version = OLD.version THEN
            NEW.version := OLD.version + 1;
            NEW.cause := 'amounts';
        END IF;
        NEW.known_at := greatest(clock_timestamp(), NEW.fetched_at, OLD.known_at);
        RETURN NEW;
    END IF;
    -- A payout that is there already is about to be updated: whoever writes it knows its version.
    IF NOT EXISTS (
        SELECT FROM shopee_escrow
        WHERE environment = NEW.environment AND ordersn = NEW.ordersn
    ) THEN
        SELECT max(version), max(known_at) INTO last_version, last_known_at
        FROM shopee_escrow_version
        WHERE environment = NEW.environment AND ordersn = NEW.ordersn;
        NEW.version := greatest(NEW.version, last_version + 1);
    END IF;
    NEW.known_at := greatest(clock_timestamp(), NEW.fetched_at, last_known_at);
    RETURN NEW;
END
$$;

CREATE TRIGGER shopee_escrow_is_given_a_version
    BEFORE UPDATE ON shopee_escrow
    FOR EACH ROW WHEN (NEW.version <> OLD.version)
    EXECUTE FUNCTION shopee_escrow_is_changed();
