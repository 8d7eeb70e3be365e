-- Suspensions, revocation lists, what happened with certificates. Times are Unix milliseconds.

-- What happened with certificates: the holder's history (Art. 18), and what revocation lists are
-- made from. A change is on every full list whose number is at least `base`, and on every delta
-- list whose number is at least `delta` until then.
CREATE TABLE status_changes (
    id TEXT NOT NULL PRIMARY KEY,
    serial TEXT NOT NULL REFERENCES certificates (serial),
    identifier TEXT NOT NULL,
    at BIGINT NOT NULL,
    event TEXT NOT NULL,       -- issued, confirmed, failed, suspended, lost, resumed, revoked, named
    state TEXT NOT NULL,       -- the certificate's, after it
    reason TEXT,               -- as it was given
    actor TEXT NOT NULL,       -- holder, officer, authority
    urgent BIGINT NOT NULL,    -- 1: it is published at once
    delta BIGINT,
    base BIGINT
);
CREATE INDEX status_changes_of_identifier ON status_changes (identifier, at);
CREATE INDEX status_changes_of_serial ON status_changes (serial, at);
CREATE INDEX status_changes_by_base ON status_changes (base);
CREATE INDEX status_changes_to_publish ON status_changes (urgent, at) WHERE delta IS NULL;

-- Req 16.4, 16.6: the separate list of suspensions. Each beginning and each end is a statement
-- with a timestamp (RFC 3161) over its very bytes.
CREATE TABLE suspensions (
    id TEXT NOT NULL PRIMARY KEY,
    serial TEXT NOT NULL REFERENCES certificates (serial),
    identifier TEXT NOT NULL,
    lost BIGINT NOT NULL,      -- 1: the card is lost, and only an officer resumes
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    start_statement TEXT NOT NULL,
    start_token BYTEA NOT NULL,
    ended_at BIGINT,
    outcome TEXT,              -- resumed, revoked, lost (another entry follows)
    end_actor TEXT,
    end_statement TEXT,
    end_token BYTEA
);
-- A certificate is suspended once at a time.
CREATE UNIQUE INDEX suspensions_open ON suspensions (serial) WHERE ended_at IS NULL;
CREATE INDEX suspensions_by_start ON suspensions (started_at, id);
CREATE INDEX suspensions_of_identifier ON suspensions (identifier, started_at);

-- The certificates that are on a full revocation list; a list is read from here in order.
CREATE INDEX certificates_listed ON certificates (serial) WHERE state <> 'ACTIVE';

-- Where the revocation lists stand; one row. A number is taken once, by whichever instance.
CREATE TABLE crl_state (
    id BIGINT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL,         -- the last one that was taken
    base_number BIGINT NOT NULL,    -- the newest full list; 0: none yet
    base_at BIGINT NOT NULL,
    delta_number BIGINT NOT NULL,   -- the newest delta list
    delta_at BIGINT NOT NULL
);
INSERT INTO crl_state (id, number, base_number, base_at, delta_number, delta_at)
    VALUES (1, 0, 0, 0, 0, 0);

CREATE TABLE crls (
    number BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,             -- full, delta
    der BYTEA NOT NULL,
    this_update BIGINT NOT NULL,
    next_update BIGINT NOT NULL
);

-- Signed requests that were seen, for as long as their time could be taken for fresh.
CREATE TABLE signed_requests (
    id TEXT NOT NULL PRIMARY KEY,   -- SHA-256 of the signer's certificate and the nonce
    at BIGINT NOT NULL
);
CREATE INDEX signed_requests_by_time ON signed_requests (at);

-- Telephone passwords that were tried: at most so many for one person until a time.
CREATE TABLE telephone_attempts (
    identifier TEXT NOT NULL PRIMARY KEY,
    attempts BIGINT NOT NULL,
    until_at BIGINT NOT NULL
);
