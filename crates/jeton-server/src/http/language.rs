//! English or Chinese, as `Accept-Language` asks (RFC 9110 section 12.5.4).

use http::HeaderValue;

use crate::http::code::Code;

/// A language we speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Chinese,
}

impl Language {
    /// The first of the most wanted ones that we speak, or English.
    pub(crate) fn wanted(header: Option<&HeaderValue>) -> Self {
        let text = header.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut best = (Self::English, 0.0);
        for range in text.split(',').take(16) {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let weight = parts.find_map(|part| part.trim().strip_prefix("q=")?.parse().ok());
            let weight: f32 = weight.unwrap_or(1.0);
            let language = match tag.split('-').next() {
                Some("zh") => Self::Chinese,
                Some("en") => Self::English,
                _ => continue,
            };
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }

    pub(crate) const fn message(self, code: Code) -> &'static str {
        match self {
            Self::English => code.english,
            Self::Chinese => code.chinese,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speaks_what_is_wanted_most() {
        let cases = [
            ("", Language::English),
            ("zh", Language::Chinese),
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::Chinese),
            ("en-GB,en;q=0.9,zh;q=0.8", Language::English),
            ("fr, zh-TW;q=0.5", Language::Chinese),
            ("zh;q=0", Language::English),
            ("*", Language::English),
            ("zh;q=x,,;;", Language::Chinese),
        ];
        for (header, expected) in cases {
            let value = HeaderValue::from_static(header);
            assert_eq!(Language::wanted(Some(&value)), expected, "{header}");
        }
        assert_eq!(Language::wanted(None), Language::English);
    }
}
