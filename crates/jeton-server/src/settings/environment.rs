//! Settings from the environment: `JETON_SESSION__GRACE=5` is `session.grace`.
//!
//! A value is read as what the setting is, by the type of its default: text stays text, even if it
//! is empty or looks like a number, and a list is separated by commas.

use std::ffi::OsString;

use serde_json::{Map, Value};

use crate::settings::{Settings, SettingsError};

const PREFIX: &str = "JETON_";

/// What Kubernetes sets for a Service that is called jeton; none of it is meant for us.
const SERVICE_LINKS: [&str; 3] = ["JETON_SERVICE_", "JETON_PORT_", "JETON_PORT"];

/// The settings among these variables, as an object to merge.
pub(super) fn read(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Value, SettingsError> {
    let defaults = serde_json::to_value(Settings::default()).unwrap_or_default();
    let mut settings = Value::Object(Map::new());
    for (name, text) in variables {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
        if SERVICE_LINKS
            .iter()
            .any(|link| name == *link || link.ends_with('_') && name.starts_with(link))
        {
            continue;
        }
        let pointer = pointer(name);
        if pointer == "/clients" || pointer.starts_with("/clients/") {
            let text =
                format!("{name}: the environment cannot set clients; put them into the file");
            return Err(SettingsError(text));
        }
        let default = defaults.pointer(&pointer).filter(|default| !default.is_object());
        let default = default.ok_or_else(|| SettingsError(format!("{name} is not a setting")))?;
        let value = text.to_str().and_then(|text| value(text, default));
        let value =
            value.ok_or_else(|| SettingsError(format!("{name} needs {}", kind(default))))?;
        insert(&mut settings, &pointer, value);
    }
    Ok(settings)
}

/// `JETON_SESSION__GRACE` is at `/session/grace`.
fn pointer(name: &str) -> String {
    let path = name.strip_prefix(PREFIX).unwrap_or_default().to_lowercase();
    path.split("__").flat_map(|part| ["/", part]).collect()
}

fn value(text: &str, default: &Value) -> Option<Value> {
    match default {
        Value::Bool(_) => text.parse().ok().map(Value::Bool),
        Value::Number(_) => text.parse::<u64>().ok().map(Value::from),
        Value::Array(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Some(items.map(Value::from).collect())
        }
        _ => Some(Value::from(text)),
    }
}

const fn kind(default: &Value) -> &'static str {
    match default {
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a whole number",
        _ => "text in UTF-8",
    }
}

fn insert(settings: &mut Value, pointer: &str, value: Value) {
    let mut place = settings;
    for part in pointer.split('/').skip(1) {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let Some(object) = place.as_object_mut() else { return };
        place = object.entry(part).or_insert(Value::Null);
    }
    *place = value;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<Value, SettingsError> {
        read(variables.iter().map(|(name, text)| (name.into(), text.into())))
    }

    #[test]
    fn each_value_is_what_its_setting_is() {
        let read = of(&[
            ("PATH", "/bin"),
            ("JETON_AUDIENCE", "42"),
            ("JETON_TOKENS__RESPONSE_HEADER", ""),
            ("JETON_TOKENS__HEADERS", "access_token, walle-token"),
            ("JETON_SESSION__GRACE", "5"),
            ("JETON_SESSION__REFUSE_OVER_LIMIT", "true"),
            ("JETON_SERVICE_HOST", "10.0.0.1"),
            ("JETON_PORT_80_TCP", "tcp://10.0.0.1:80"),
        ]);

        let expected = json!({
            "audience": "42",
            "tokens": { "response_header": "", "headers": ["access_token", "walle-token"] },
            "session": { "grace": 5, "refuse_over_limit": true },
        });
        assert_eq!(read, Ok(expected));
    }

    #[test]
    fn what_does_not_fit_is_refused_by_its_name() {
        let cases = [
            ("JETON_SESION__GRACE", "5", "JETON_SESION__GRACE is not a setting"),
            ("JETON_SESSION", "5", "JETON_SESSION is not a setting"),
            ("JETON_SESSION__GRACE", "long", "JETON_SESSION__GRACE needs a whole number"),
            ("JETON_SESSION__GRACE", "-1", "JETON_SESSION__GRACE needs a whole number"),
            (
                "JETON_CLIENTS",
                "orders",
                "JETON_CLIENTS: the environment cannot set clients; put them into the file",
            ),
        ];
        for (name, text, expected) in cases {
            assert_eq!(of(&[(name, text)]).unwrap_err().to_string(), expected);
        }
    }
}
