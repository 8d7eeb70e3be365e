//! Who shows notifications.

use notify_rust::Notification;

/// Whose they are.
const NAME: &str = "Lichna";

fn notification(title: &str, text: &str) -> Notification {
    let mut notification = Notification::new();
    notification.appname(NAME).summary(title).body(text);
    notification
}

/// Shows one, and waits until it is gone. Whether the person pressed it.
#[cfg(all(unix, not(target_os = "macos")))]
pub fn show(title: &str, text: &str) -> bool {
    /// What a press on the notification itself is called.
    const PRESSED: &str = "default";
    // The text may be taken for markup there.
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let mut notification = notification(title, &text);
    notification.icon("lichna-app").action(PRESSED, title);
    let Ok(shown) = notification.show() else {
        return false;
    };
    let mut pressed = false;
    shown.wait_for_action(|action| pressed = action == PRESSED);
    pressed
}

/// Shows one.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub fn show(title: &str, text: &str) -> bool {
    notification(title, text).show().ok();
    false
}
