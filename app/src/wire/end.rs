//! The end of a session, with the device that ended it.

use std::fmt;

pub use latchkey_words::EndCause;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, IntoDeserializer as _, MapAccess, Visitor},
};

use super::device_title::DeviceTitle;

/// The end of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "Sent")]
pub struct End {
    /// The cause.
    pub cause: EndCause,
    /// The device that revoked the session or changed the password, where the person may know the device.
    pub by: Option<DeviceTitle>,
}

/// The form on the wire: `"Idle"`, or `{"Revoked":{"by":…}}` where a device can be the cause.
#[derive(Serialize)]
enum Sent {
    Revoked {
        by: Option<DeviceTitle>,
    },
    PasswordChanged {
        by: Option<DeviceTitle>,
    },
    #[serde(untagged)]
    Other(EndCause),
}

impl From<End> for Sent {
    fn from(End { cause, by }: End) -> Self {
        match cause {
            EndCause::Revoked => Self::Revoked { by },
            EndCause::PasswordChanged => Self::PasswordChanged { by },
            cause => Self::Other(cause),
        }
    }
}

/// By hand, because what serde derives for an untagged variant adds 8 KB to the browser's half.
impl<'de> Deserialize<'de> for End {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = End;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the end of a session")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<End, E> {
        let cause = EndCause::deserialize(word.into_deserializer())?;
        Ok(End { cause, by: None })
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<End, M::Error> {
        #[derive(Deserialize)]
        struct Content {
            by: Option<DeviceTitle>,
        }
        let (cause, Content { by }) = map
            .next_entry()?
            .ok_or_else(|| de::Error::custom("no cause"))?;
        Ok(End { cause, by })
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_end_travels_with_its_device_where_a_device_can_be_the_cause() {
        let by = Some(DeviceTitle {
            given: None,
            browser: Some("Firefox".to_owned()),
            platform: None,
        });
        let sent = |cause, by| serde_json::to_value(End { cause, by }).unwrap();
        let name = json!({ "given": null, "browser": "Firefox", "platform": null });
        for (end, expected) in [
            (sent(EndCause::Idle, None), json!("Idle")),
            (
                sent(EndCause::Revoked, None),
                json!({ "Revoked": { "by": null } }),
            ),
            (
                sent(EndCause::PasswordChanged, by.clone()),
                json!({ "PasswordChanged": { "by": name } }),
            ),
        ] {
            assert_eq!(end, expected);
        }
        for (cause, by) in [
            (EndCause::Idle, None),
            (EndCause::Revoked, None),
            (EndCause::Revoked, by.clone()),
            (EndCause::PasswordChanged, by),
        ] {
            let read: End = serde_json::from_value(sent(cause, by.clone())).unwrap();
            assert_eq!(read, End { cause, by });
        }
        for unknown in [
            json!("Vanished"),
            json!({}),
            json!({ "Vanished": { "by": null } }),
        ] {
            assert!(serde_json::from_value::<End>(unknown).is_err());
        }
    }
}
