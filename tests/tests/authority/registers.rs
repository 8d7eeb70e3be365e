//! The registers: who may look into which, and what is told (Art. 4, 6, 37).

use lichna_tests::authority::people::Person;
use lichna_tests::authority::{Authority, Database, Spec};
use lichna_tests::ca::Ca;

crate::on_both! {
    an_officer_and_a_holder_are_enrolled;
}

fn an_officer_and_a_holder_are_enrolled(database: Database) {
    let authority = Authority::start(&Spec::new(database));
    let ca = Ca::new("Administrators");
    let (administrator, _) = authority.new_administrator(&ca, "Столична община");
    let officer = authority.officer(&administrator, &Person::georgi(), "P00000001");
    let holder = authority.holder(&officer, &Person::maria(), "P00000002");
    let list = authority
        .get("/v1/holder/certificates")
        .by(&holder.identification);
    assert_eq!(list.send().status, 200);
}
