//! How the module is made: what its sources promise.

use std::fs;

use lichna_tests::built;

/// A panic that leaves a function that C calls ends the browser. Every one goes through `entry`,
/// which lets none out.
// Req C.3
#[test]
fn no_function_that_c_calls_lets_a_panic_out() {
    let folder = built::root().join("crates/pkcs11/src");
    let mut functions = 0;
    for file in fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let code: String = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .flat_map(|line| [line, "\n"])
            .collect();
        for (at, _) in code.match_indices("extern \"C\" fn ") {
            let body = code[at..].split_once('{').unwrap().1.trim_start();
            let name = code[at..].lines().next().unwrap();
            assert!(body.starts_with("entry("), "{}: {name}", path.display());
            functions += 1;
        }
    }
    assert!(functions > 20, "only {functions} were found");
}
