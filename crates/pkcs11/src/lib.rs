//! The PKCS#11 module: a thin client of the agent, loaded by browsers and tools.
