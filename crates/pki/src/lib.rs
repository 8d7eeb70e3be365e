//! X.509 certificates and PKCS#10 requests of the eID scheme.
