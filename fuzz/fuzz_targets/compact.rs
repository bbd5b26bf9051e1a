//! The compact form: any text is read without panic, and a token has one spelling.

#![no_main]

use jeton::base64url;
use jeton::jws::{self, Compact};
use jeton_fuzz::given::KEY;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let token = jws::sign(&KEY, "JWT", data).expect("HMAC signs anything");
    if let Ok(genuine) = Compact::parse(&token) {
        let verified = genuine.verify(&KEY.verifying_key()).expect("our own signature");
        assert_eq!(verified.payload(), data);
    }

    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(bytes) = base64url::decode(text) {
        assert_eq!(base64url::encode(&bytes), text, "a second spelling");
    }
    if let Ok(parsed) = Compact::parse(text) {
        let parts: Vec<&str> = text.split('.').collect();
        let [header, _, signature] = parts[..] else { panic!("{} parts", parts.len()) };
        for part in [header, signature] {
            let bytes = base64url::decode(part).expect("accepted");
            assert_eq!(base64url::encode(&bytes), part, "a second spelling");
        }
        let _ = format!("{parsed:?}");
    }
});
