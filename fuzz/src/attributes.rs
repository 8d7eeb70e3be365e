//! Templates, as programs give them to the PKCS#11 module.

use cryptoki_sys::{
    CK_ATTRIBUTE_TYPE, CK_UNAVAILABLE_INFORMATION, CKA_PRIVATE_EXPONENT, CKA_VALUE, CKO_PRIVATE_KEY,
};
use lichna_ipc::{
    HashName, KeyRole, Mechanism, PinEntry, PinState, PublicKey, Token, TokenCertificate, TokenId,
    TokenPin,
};
use lichna_pkcs11::contents::objects;
use lichna_pkcs11::object::Object;

/// Most attributes of a template.
const LONGEST: usize = 256;

/// What a program wants of one attribute: its kind, a value to find it by, or room to read it into.
struct Wanted<'a> {
    kind: CK_ATTRIBUTE_TYPE,
    value: &'a [u8],
    room: Option<usize>,
}

/// C_FindObjectsInit and C_GetAttributeValue on the objects of four tokens: what is found has what
/// was asked for, no more is written than there is room for, and no secret is told. In the bytes:
/// kind (4, little endian), length (1), value; a length of 255 asks for the length alone.
pub fn attributes(data: &[u8]) {
    thread_local! {
        static OBJECTS: Vec<Object> = tokens().iter().flat_map(objects).collect();
    }
    let wanted = template(data);
    let pairs: Vec<_> = wanted.iter().map(|one| (one.kind, one.value)).collect();
    OBJECTS.with(|all| {
        for object in all {
            let has = |one: &Wanted<'_>| object.attribute(one.kind).ok() == Some(one.value);
            assert_eq!(object.matches(&pairs), wanted.iter().all(has));
            for one in &wanted {
                reads(object, one);
            }
        }
    });
}

fn reads(object: &Object, one: &Wanted<'_>) {
    let fit = object.fit(one.kind, one.room);
    if fit.error.is_some() {
        assert_eq!(fit.length, CK_UNAVAILABLE_INFORMATION);
        assert!(fit.bytes.is_empty());
        return;
    }
    assert!(fit.bytes.len() <= one.room.unwrap_or_default());
    let value = object.attribute(one.kind);
    assert!(value.is_ok_and(|value| u64::try_from(value.len()) == Ok(fit.length)));
    let secret = [CKA_VALUE, CKA_PRIVATE_EXPONENT].contains(&one.kind);
    assert!(!(secret && object.is(CKO_PRIVATE_KEY)), "a secret");
}

fn template(mut data: &[u8]) -> Vec<Wanted<'_>> {
    let mut wanted = Vec::new();
    while let Some((kind, rest)) = data.split_first_chunk::<4>() {
        let Some((length, rest)) = rest.split_first() else {
            break;
        };
        let query = *length == u8::MAX;
        let length = if query { 0 } else { usize::from(*length) };
        let (value, rest) = rest.split_at(length.min(rest.len()));
        wanted.push(Wanted {
            kind: u32::from_le_bytes(*kind).into(),
            value,
            room: (!query).then_some(length),
        });
        if wanted.len() == LONGEST {
            break;
        }
        data = rest;
    }
    wanted
}

/// A key of each kind for each use, with a certificate that says little.
fn tokens() -> Vec<Token> {
    let ec = PublicKey::Ec {
        parameters: vec![6, 8, 42, 134, 72, 206, 61, 3, 1, 7],
        point: vec![4; 65],
    };
    let rsa = PublicKey::Rsa {
        modulus: vec![0xc5; 256],
        exponent: vec![1, 0, 1],
    };
    let pss = Mechanism::RsaPss {
        hash: HashName::Sha256,
    };
    [
        (ec, vec![Mechanism::Ecdsa]),
        (rsa, vec![Mechanism::RsaPkcs1, pss]),
    ]
    .into_iter()
    .flat_map(|(key, mechanisms)| {
        [KeyRole::Authentication, KeyRole::Signing].map(|role| token(role, &key, &mechanisms))
    })
    .collect()
}

fn token(role: KeyRole, key: &PublicKey, mechanisms: &[Mechanism]) -> Token {
    let certificate = TokenCertificate {
        label: "Мария".into(),
        der: vec![0x30, 0],
        subject: vec![0x30, 0],
        issuer: vec![0x30, 1, 0],
        serial: vec![2, 1, 7],
        public_key: vec![0x30, 2, 5, 0],
        not_before: "2026-11-22T00:00:00Z".into(),
        not_after: "never".into(),
        key_identifier: vec![0xaa; 20],
    };
    Token {
        id: TokenId {
            reader: "reader".into(),
            insertion: 1,
            key: "key".into(),
        },
        role,
        card: "card".into(),
        issuer: "issuer".into(),
        number: None,
        practice: false,
        // Classic behaviour, where keys are private.
        login: role == KeyRole::Signing,
        pin: TokenPin {
            name: "PIN".into(),
            state: PinState::Ready,
            tries_left: None,
            shortest: 4,
            longest: 8,
            entry: PinEntry::Typed,
        },
        key: key.clone(),
        mechanisms: mechanisms.to_vec(),
        chain: vec![certificate.clone()],
        certificate,
    }
}
