//! Browsers, and what else takes PKCS#11 modules: does each have Lichna's? Nothing is changed here.

use lichna_browsers::{Place, Program, Scope, State, Surroundings, places};
use lichna_ipc::{Failure, Finding, Remedy};

use super::{Told, good, warning};

/// Looks at every place where a program of this user's looks for modules.
pub fn examine() -> Vec<Finding> {
    let Ok(around) = Surroundings::new(None) else {
        return Vec::new();
    };
    let of_user = places(&around, Scope::User);
    let for_all = places(&around, Scope::System);
    let registered = |program| {
        let mut all = of_user.iter().chain(&for_all);
        all.any(|place| place.program == program && place.state == State::Registered)
    };
    let by_others = ByOthers {
        policy: registered(Program::FirefoxPolicy),
        p11_kit: registered(Program::P11Kit),
    };
    let all = of_user.iter();
    all.map(|place| finding(place, &by_others)).collect()
}

/// Where the module is that a program may have it from.
struct ByOthers {
    /// In the policies of Firefox: it then comes into a profile by itself.
    policy: bool,
    /// In p11-kit.
    p11_kit: bool,
}

fn finding(place: &Place, by_others: &ByOthers) -> Finding {
    let check = match place.program {
        Program::Firefox | Program::FirefoxPolicy => "firefox",
        Program::Chromium => "chromium",
        _ => "p11-kit",
    };
    let mended = |failure| warning(check, failure).mended_by(Some(Remedy::SetUpBrowsers));
    let found = match place.state {
        State::Registered => good(check),
        State::ThroughP11Kit if by_others.p11_kit => good(check),
        State::NotRegistered if place.program == Program::Firefox && by_others.policy => {
            good(check)
        }
        State::NotRegistered | State::ThroughP11Kit => mended(Failure::BrowserNotSetUp),
        State::Elsewhere => {
            let library = place.library.as_ref();
            let library = library.map(|file| file.display().to_string());
            mended(Failure::BrowserSetUpElsewhere {
                library: library.unwrap_or_default(),
            })
        }
        State::Impossible => warning(check, Failure::BrowserSandboxed),
        State::Unreadable => warning(check, Failure::BrowserListUnreadable),
    };
    found.about(&place.path.display().to_string())
}
