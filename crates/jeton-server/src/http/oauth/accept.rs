//! What kind of answer is wanted (RFC 9110 section 12.5.1).

use http::HeaderMap;
use http::header::ACCEPT;

/// Whether `Accept` names this media type, and not to exclude it. A wildcard names nothing.
pub(crate) fn names(headers: &HeaderMap, media_type: &str) -> bool {
    let texts = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut ranges = texts.flat_map(|text| text.split(','));
    ranges.any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(media_type));
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
        is_named && weight.is_none_or(|weight| weight > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_what_is_named_is_wanted() {
        let cases = [
            ("application/jwt", true),
            ("text/html, APPLICATION/JWT;q=0.5", true),
            ("application/jwt;v=1", true),
            ("application/jwt; q=0", false),
            ("application/jwt2", false),
            ("application/*, */*", false),
            ("", false),
        ];
        for (accept, expected) in cases {
            let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(names(&headers, "application/jwt"), expected, "{accept}");
        }
        assert!(!names(&HeaderMap::new(), "application/jwt"));
    }
}
