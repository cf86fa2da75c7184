-- How long a provider keeps conversations after their end. NULL: as long as the operator's settings say.
ALTER TABLE provider ADD COLUMN keep_live_h INTEGER CHECK (keep_live_h BETWEEN 1 AND 24);
ALTER TABLE provider ADD COLUMN keep_message_d INTEGER CHECK (keep_message_d BETWEEN 1 AND 365);
