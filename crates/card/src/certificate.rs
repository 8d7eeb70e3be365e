//! Certificates as they lie on a card: cut to their own length, unpacked within bounds.

use std::io::Read;

use flate2::read::GzDecoder;
use lichna_apdu::tlv;

use crate::CardError;

/// Longest certificate that is read, in bytes. Real ones have 1 to 3 KiB.
pub const LONGEST: usize = 64 * 1024;
/// Tag of a DER SEQUENCE, which a certificate is.
const SEQUENCE: u16 = 0x30;
const WHAT: &str = "certificate";

/// The certificate at the start of `bytes`; `None` when there is nothing. What follows it is
/// padding, for some cards give the whole file.
pub fn cut(bytes: &[u8]) -> Result<Option<Vec<u8>>, CardError> {
    if bytes.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let (tag, _, rest) = tlv::split_first(bytes).map_err(CardError::tlv(WHAT))?;
    let length = bytes.len() - rest.len();
    if tag != SEQUENCE || length > LONGEST {
        return Err(CardError::malformed(WHAT));
    }
    Ok(bytes.get(..length).map(<[u8]>::to_vec))
}

/// Unpacks a certificate that was packed with gzip, no further than [`LONGEST`].
pub fn unpack(packed: &[u8]) -> Result<Vec<u8>, CardError> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(LONGEST + 1).unwrap_or(u64::MAX);
    GzDecoder::new(packed)
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|_| CardError::malformed("compressed certificate"))?;
    if bytes.len() > LONGEST {
        return Err(CardError::malformed("compressed certificate"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn refuses_a_compressed_certificate_that_unpacks_without_end() {
        let bomb = packed(&vec![0; 50 * 1024 * 1024]);
        assert!(bomb.len() < 64 * 1024);
        assert_eq!(
            unpack(&bomb),
            Err(CardError::malformed("compressed certificate"))
        );
    }

    #[test]
    fn unpacks_what_was_packed() {
        assert_eq!(unpack(&packed(b"certificate")).unwrap(), b"certificate");
    }

    #[test]
    fn cuts_off_padding_and_sees_emptiness() {
        let mut file = vec![0x30, 0x02, 0x05, 0x00];
        let alone = file.clone();
        file.extend([0; 60]);
        assert_eq!(cut(&file).unwrap(), Some(alone));
        assert_eq!(cut(&[]).unwrap(), None);
        assert_eq!(cut(&[0, 0, 0]).unwrap(), None);
    }
}
