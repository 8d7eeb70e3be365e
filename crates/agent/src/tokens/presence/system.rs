//! How this system says it. Other systems go here.

/// Ends when the holder locked the screen, or the computer is about to sleep; never where the
/// system does not tell.
#[cfg(target_os = "linux")]
pub async fn away() {
    tokio::select! {
        () = linux::heard(zbus::Connection::system(), linux::SYSTEM) => {}
        () = linux::heard(zbus::Connection::session(), linux::SESSION) => {}
    }
}

/// Never: the system is not asked yet.
#[cfg(not(target_os = "linux"))]
pub async fn away() {
    std::future::pending().await
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;

    use futures_util::{
        StreamExt,
        stream::{SelectAll, select_all},
    };
    use zbus::{Connection, MatchRule, Message, MessageStream, message::Type, zvariant::Value};

    /// A signal, and whether it says so.
    pub struct Sign {
        interface: Option<&'static str>,
        member: &'static str,
        says: fn(&Message) -> bool,
    }

    /// What systemd-logind says.
    pub const SYSTEM: &[Sign] = &[
        Sign {
            interface: Some("org.freedesktop.login1.Manager"),
            member: "PrepareForSleep",
            says: is_true,
        },
        Sign {
            interface: Some("org.freedesktop.login1.Session"),
            member: "Lock",
            says: |_| true,
        },
        Sign {
            interface: Some("org.freedesktop.DBus.Properties"),
            member: "PropertiesChanged",
            says: is_locked,
        },
    ];

    /// What a desktop's screen saver says, whichever desktop it is.
    pub const SESSION: &[Sign] = &[Sign {
        interface: None,
        member: "ActiveChanged",
        says: is_true,
    }];

    /// Most signals that wait to be looked at.
    const QUEUE: usize = 16;

    /// Ends when one of the signs was given on that bus; never when there is no such bus.
    pub async fn heard(bus: impl Future<Output = zbus::Result<Connection>>, signs: &[Sign]) {
        let listening = async {
            let bus = bus.await?;
            let mut streams = Vec::new();
            for sign in signs {
                streams.push(stream(&bus, sign).await?);
            }
            zbus::Result::Ok(select_all(streams))
        };
        let mut all: SelectAll<MessageStream> = match listening.await {
            Ok(all) => all,
            Err(error) => {
                tracing::debug!(%error, "the system does not tell when the holder is away");
                return std::future::pending().await;
            }
        };
        while let Some(message) = all.next().await {
            if message.is_ok_and(|message| signs.iter().any(|sign| sign.is_in(&message))) {
                return;
            }
        }
        // The bus is gone.
        std::future::pending().await
    }

    async fn stream(bus: &Connection, sign: &Sign) -> zbus::Result<MessageStream> {
        let mut rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .member(sign.member)?;
        if let Some(interface) = sign.interface {
            rule = rule.interface(interface)?;
        }
        MessageStream::for_match_rule(rule.build(), bus, Some(QUEUE)).await
    }

    impl Sign {
        fn is_in(&self, message: &Message) -> bool {
            let header = message.header();
            let interface = header.interface().map(|name| name.as_str());
            header
                .member()
                .is_some_and(|name| name.as_str() == self.member)
                && self.interface.is_none_or(|name| interface == Some(name))
                && (self.says)(message)
        }
    }

    fn is_true(message: &Message) -> bool {
        message.body().deserialize::<bool>().unwrap_or(false)
    }

    /// A session that says of itself that its screen is locked.
    fn is_locked(message: &Message) -> bool {
        let body = message.body();
        let changed = body.deserialize::<(&str, HashMap<&str, Value<'_>>, Vec<&str>)>();
        changed.is_ok_and(|(interface, changed, _)| {
            interface == "org.freedesktop.login1.Session"
                && matches!(changed.get("LockedHint"), Some(Value::Bool(true)))
        })
    }
}
