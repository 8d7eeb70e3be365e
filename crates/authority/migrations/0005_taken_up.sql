-- Whether a carrier has taken up its renewed certificates, told apart from the end of those before
-- them, which comes by itself.
ALTER TABLE applications ADD COLUMN taken_up_at BIGINT;
UPDATE applications SET taken_up_at = replaced_at;
