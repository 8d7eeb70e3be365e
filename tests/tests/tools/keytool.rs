//! Java's keytool.

use lichna_tests::approver::Approver;
use lichna_tests::ca::KeyKind;
use lichna_tests::programs::{Running, sun_pkcs11};

use crate::desk::Desk;

#[test]
fn keytool_lists_the_key_and_asks_nobody() {
    let desk = Desk::piv(KeyKind::P256);
    let nobody = Approver::who_leaves_all(desk.home());
    let mut keytool = desk.provider.command("keytool", desk.folder());
    keytool
        .args(["-list", "-v", "-keystore", "NONE", "-storetype", "PKCS11"])
        .args(["-providerClass", "sun.security.pkcs11.SunPKCS11"])
        .arg("-providerArg")
        .arg(sun_pkcs11(&desk.provider, desk.folder()))
        // There is no PIN to be typed here.
        .arg("-protected");
    let said = Running::start(&mut keytool, "").finish();
    let said = said.success();
    assert!(said.contains("PrivateKeyEntry"), "{said}");
    assert!(said.contains("CN=Tools Test CA"), "{said}");
    assert!(nobody.answered().is_empty());
    assert_eq!(desk.pins_given(), 0);
}
