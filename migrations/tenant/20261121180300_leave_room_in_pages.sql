-- What comes in goes to the end of its table. In full pages the last bytes stay free, some rows fit into them, and
-- with millions of pages every insert found another old one: each was read, and written to the log as a whole. A
-- page that is to keep a tenth of itself free is none that an insert fills up; and what changes soon after
-- it came in (an event that is dealt with, an order that moves on) changes in its own page.
ALTER TABLE connector_event SET (fillfactor = 90);
ALTER TABLE connector_order SET (fillfactor = 85);
ALTER TABLE sales_order SET (fillfactor = 85);
ALTER TABLE sales_order_line SET (fillfactor = 90);
ALTER TABLE order_address SET (fillfactor = 90);
ALTER TABLE order_payment SET (fillfactor = 90);
ALTER TABLE order_shipment SET (fillfactor = 90);
ALTER TABLE order_timeline SET (fillfactor = 90);
ALTER TABLE customer SET (fillfactor = 90);
ALTER TABLE stock_ledger SET (fillfactor = 95);
ALTER TABLE stock_reservation SET (fillfactor = 85);
