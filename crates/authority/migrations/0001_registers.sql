-- The registers of the Regulation. Times are Unix milliseconds; UUIDs lower-case text; serial
-- numbers of certificates 40 upper-case hexadecimal digits.

-- Req 3.1: whose identifier it is. The number is in the sealed part alone; person_index is a keyed
-- hash of it, so one person has one row.
CREATE TABLE persons (
    identifier TEXT NOT NULL PRIMARY KEY,
    person_index BYTEA NOT NULL UNIQUE,
    sealed BYTEA NOT NULL,
    registered_at BIGINT NOT NULL
);

-- Cards, with the key that each is personalised under, sealed.
CREATE TABLE carriers (
    number TEXT NOT NULL PRIMARY KEY,
    scheme TEXT NOT NULL,
    key_sealed BYTEA NOT NULL,
    state TEXT NOT NULL,
    identifier TEXT,
    registered_at BIGINT NOT NULL
);

-- Req 5.1: every certificate that was ever issued to a holder.
CREATE TABLE certificates (
    serial TEXT NOT NULL PRIMARY KEY,
    identifier TEXT NOT NULL REFERENCES persons (identifier),
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    der BYTEA NOT NULL,
    fingerprint TEXT NOT NULL UNIQUE,
    key_hash TEXT NOT NULL UNIQUE,
    carrier TEXT NOT NULL,
    application TEXT NOT NULL,
    name TEXT,
    not_before BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    issued_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    revocation_reason BIGINT,
    revoked_at BIGINT
);
CREATE INDEX certificates_of_identifier ON certificates (identifier, issued_at);
CREATE INDEX certificates_of_application ON certificates (application);
CREATE INDEX certificates_in_state ON certificates (state, changed_at);

-- Req 37.1, 37.4: administrators with the certificate by which the authority knows them.
CREATE TABLE administrators (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    eik TEXT NOT NULL,
    fingerprint TEXT NOT NULL UNIQUE,
    der BYTEA NOT NULL,
    email TEXT,
    dpo TEXT,
    registered_at BIGINT NOT NULL,
    ended_at BIGINT
);

-- Who works for them.
CREATE TABLE officers (
    identifier TEXT NOT NULL,
    administrator TEXT NOT NULL REFERENCES administrators (id),
    from_at BIGINT NOT NULL,
    until_at BIGINT,
    PRIMARY KEY (identifier, administrator)
);

-- Req 37.5: where they receive people.
CREATE TABLE places (
    id TEXT NOT NULL PRIMARY KEY,
    administrator TEXT NOT NULL REFERENCES administrators (id),
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    latitude DOUBLE PRECISION NOT NULL,
    longitude DOUBLE PRECISION NOT NULL,
    hours TEXT NOT NULL
);

-- Req 4.2, 4.3: centres, and officials named by the Minister, by their certificates.
CREATE TABLE clients (
    fingerprint TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    der BYTEA NOT NULL,
    registered_at BIGINT NOT NULL,
    ended_at BIGINT
);

-- The newest signed checkpoints of each instance's journal.
CREATE TABLE checkpoints (
    instance TEXT NOT NULL,
    size BIGINT NOT NULL,
    checkpoint TEXT NOT NULL,
    stamp BYTEA,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (instance, size)
);

-- Work that one instance does for all: whose turn it is, and until when.
CREATE TABLE jobs (
    name TEXT NOT NULL PRIMARY KEY,
    instance TEXT NOT NULL,
    until_at BIGINT NOT NULL
);
