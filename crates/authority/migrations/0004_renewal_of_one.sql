-- Renewals of one certificate: for carriers with one place for each key, whose keys are replaced one
-- after the other. NULL: both certificates.
ALTER TABLE applications ADD COLUMN role TEXT;
