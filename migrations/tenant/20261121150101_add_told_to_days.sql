-- Which differences of a day somebody was told of, so that the same ones are told once.

ALTER TABLE connector_day ADD COLUMN told text;

-- Of any of them somebody may have been told: they are looked at once.
UPDATE connector_day SET told = '';

COMMENT ON COLUMN connector_day.told IS
    'Stands for the differing orders that somebody was told of last; null where nothing is told.';
