//! Distinguished names, RFC 5280 §4.1.2.4, made fit to be shown.

use der::{
    Decode, Tag, Tagged,
    asn1::{Any, BmpString, SetOfVec, Utf8StringRef},
};
use x509_cert::{
    attr::AttributeTypeAndValue,
    name::{RdnSequence, RelativeDistinguishedName},
};
use x509_parser::x509::{AttributeTypeAndValue as ParsedAttribute, X509Name};

/// The name as RFC 4514 writes it.
///
/// A name whose encoding is not quite DER is shown as `#` and its bytes in hexadecimal: how it
/// looks must not keep anybody from logging in.
pub fn display(der: &[u8]) -> String {
    match RdnSequence::from_der(der) {
        Ok(name) => {
            let readable: Vec<_> = Vec::from(name).into_iter().map(readable).collect();
            escape(&RdnSequence::from(readable).to_string())
        }
        Err(_) => der.iter().fold("#".to_owned(), |mut text, byte| {
            text.push_str(&format!("{byte:02x}"));
            text
        }),
    }
}

/// The first commonName, fit to be shown.
pub fn common_name(name: &X509Name<'_>) -> Option<String> {
    name.iter_common_name()
        .find_map(text)
        .map(|text| escape(&text))
}

/// The first serialNumber attribute, as it is.
pub fn serial_number(name: &X509Name<'_>) -> Option<String> {
    name.iter_by_oid(&x509_parser::oid_registry::OID_X509_SERIALNUMBER)
        .find_map(text)
}

fn text(attribute: &ParsedAttribute<'_>) -> Option<String> {
    match attribute.as_str() {
        Ok(text) => Some(text.to_owned()),
        // Older authorities write Cyrillic in BMPStrings.
        Err(_)
            if attribute.attr_value().tag() == x509_parser::der_parser::asn1_rs::Tag::BmpString =>
        {
            BmpString::from_ucs2(attribute.as_slice())
                .ok()
                .map(|text| text.chars().collect())
        }
        Err(_) => None,
    }
}

/// The same with BMPStrings turned into UTF-8, for they would be shown as bytes.
fn readable(rdn: RelativeDistinguishedName) -> RelativeDistinguishedName {
    let mut all = SetOfVec::new();
    for attribute in SetOfVec::from(rdn).into_vec() {
        let value = match attribute.value.tag() {
            Tag::BmpString => BmpString::from_ucs2(attribute.value.value())
                .ok()
                .and_then(|text| {
                    let text: String = text.chars().collect();
                    Any::encode_from(&Utf8StringRef::new(&text).ok()?).ok()
                })
                .unwrap_or(attribute.value),
            _ => attribute.value,
        };
        // Two values that now read alike are one to the reader.
        let _ = all.insert(AttributeTypeAndValue {
            oid: attribute.oid,
            value,
        });
    }
    all.into()
}

/// Escapes, as RFC 4514 §2.4 allows for any character, those that would not be seen or would
/// turn the direction of writing.
fn escape(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if deceives(c) {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                shown.push_str(&format!("\\{byte:02X}"));
            }
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Control characters, and those that turn the direction of writing or take no room.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_names_that_are_not_quite_der() {
        // Two values in one RDN, the greater one first, as some authorities write them.
        let rdn = |last: u8| [0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0C, 0x01, last];
        let unsorted = [&[0x30, 0x16, 0x31, 0x14][..], &rdn(b'b'), &rdn(b'a')].concat();
        assert_eq!(display(&unsorted), "CN=a+CN=b");
        // A length in two bytes that fits one.
        assert_eq!(display(&[0x30, 0x81, 0x00]), "#308100");
    }

    #[test]
    fn keeps_cyrillic_and_escapes_what_turns_the_text_around() {
        assert_eq!(escape("CN=Иван Петров"), "CN=Иван Петров");
        assert_eq!(escape("bank\u{202E}gb"), "bank\\E2\\80\\AEgb");
        assert_eq!(escape("a\nb"), "a\\0Ab");
    }
}
