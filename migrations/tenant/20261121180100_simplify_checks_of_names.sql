-- What an id and a number of an order look like, said in a way that is quick to check: a repetition that is
-- counted ({25}, {1,64}) is built up anew for each character of each row, an endless one once. The length is
-- counted beside it. Nothing else is let in or kept out; what is there already is gone through in the next file.
DO $$
DECLARE
    old record;
    id text[];
    name text[];
    rule text;
BEGIN
    FOR old IN
        SELECT conrelid::regclass AS owner, conname, pg_get_constraintdef(oid) AS rule
        FROM pg_constraint
        WHERE contype = 'c' AND connamespace = current_schema()::regnamespace
        ORDER BY 1, 2
    LOOP
        id := regexp_match(old.rule, $re$^CHECK \(\((\w+) ~ '\^([a-z]+_)\[0-7\]\[0-9A-HJKMNP-TV-Z\]\{25\}\$'::text\)\)$re$);
        name := regexp_match(old.rule, $re$^CHECK \(\((\w+) ~ '\^(\[[^\]]+\])\{1,64\}\$'::text\)\)$re$);
        rule := CASE
            WHEN id IS NOT NULL THEN format(
                'length(%1$I) = %2$s AND %1$I ~ %3$L',
                id[1], length(id[2]) + 26, '^' || id[2] || '[0-7][0-9A-HJKMNP-TV-Z]+$'
            )
            WHEN name IS NOT NULL THEN format(
                'length(%1$I) <= 64 AND %1$I ~ %2$L', name[1], '^' || name[2] || '+$'
            )
        END;
        CONTINUE WHEN rule IS NULL;
        EXECUTE format(
            'ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I CHECK (%s) NOT VALID',
            old.owner, old.conname, old.conname, rule
        );
    END LOOP;
END
$$;
