//! Where packages put Lichna's files. Programs that do not lie beside them find them here, and
//! nowhere else: never by a search path, never by what an environment says.

/// The agent.
pub const AGENT: &str = if cfg!(windows) {
    r"C:\Program Files\Lichna\lichna-agent.exe"
} else if cfg!(target_os = "macos") {
    "/Library/Application Support/Lichna/lichna-agent"
} else {
    "/usr/libexec/lichna/lichna-agent"
};

/// The PKCS#11 module.
pub const MODULE: &str = if cfg!(windows) {
    r"C:\Program Files\Lichna\lichna_pkcs11.dll"
} else if cfg!(target_os = "macos") {
    "/Library/Application Support/Lichna/liblichna_pkcs11.dylib"
} else {
    "/usr/lib/lichna/liblichna_pkcs11.so"
};
