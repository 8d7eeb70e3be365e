-- Applications, Art. 13 and 14 of the Regulation: where each stands, and what it needs to go on.
-- When one ends, what is known of a person here is deleted (Art. 14.2); the row that stays tells
-- how it ended.
CREATE TABLE applications (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,                  -- ISSUE_EID, RENEW_EID
    state TEXT NOT NULL,                 -- SUBMITTED, APPROVED, KEYS, GENERATED_CERTIFICATE, COMPLETED, DENIED
    rnu TEXT NOT NULL UNIQUE,            -- reference number of the service, from the first state to the last
    initiator TEXT NOT NULL,             -- identifier of the officer or the holder; 'operator'
    administrator TEXT,                  -- whose officer; also the one that an invited officer is to work for
    invited BIGINT NOT NULL,             -- 1: the holder becomes an officer when it is completed
    content TEXT NOT NULL,               -- keyed hash of what was applied for, to know the same again
    sealed BYTEA,                        -- the person, sealed, until the end
    identifier TEXT,                     -- the electronic identifier, once given
    carrier TEXT,
    renews TEXT,                         -- serial number of the identification certificate that is renewed
    code TEXT,                           -- SHA-256 of the application's code
    answers BIGINT NOT NULL,             -- challenges of the carrier that were answered
    identification_request TEXT,         -- SHA-256 of the request that a certificate was issued on
    signing_request TEXT,
    reason TEXT,                         -- why it was denied
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    deadline BIGINT NOT NULL,
    replaced_at BIGINT                   -- when the certificates before a renewed one were ended
);

-- Two applications do not write to one carrier at the same time.
CREATE UNIQUE INDEX applications_one_a_carrier ON applications (carrier)
    WHERE state IN ('SUBMITTED', 'APPROVED', 'KEYS', 'GENERATED_CERTIFICATE');
CREATE INDEX applications_due ON applications (deadline)
    WHERE state IN ('SUBMITTED', 'APPROVED', 'KEYS', 'GENERATED_CERTIFICATE');
CREATE INDEX applications_to_replace ON applications (deadline)
    WHERE kind = 'RENEW_EID' AND state = 'COMPLETED' AND replaced_at IS NULL;
CREATE INDEX applications_of_identifier ON applications (identifier);
