//! A type reads a token as it reads JSON: what `serde_json` gives it, a verifier gives it too.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::net::IpAddr;
use std::num::NonZeroU16;

use jeton::{Algorithm, Policy, Timestamp, Verifier};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::given;
use crate::given::NOW;
use crate::pen::Pen;

struct Bench {
    pen: Pen,
    verifier: Verifier,
}

impl Bench {
    fn new() -> Self {
        let pen = Pen::new(Algorithm::Hs256);
        let policy = Policy::signature_and_time_only();
        let verifier = Verifier::new(given::keys(pen.key()), policy);
        Self { pen, verifier }
    }

    /// Whether these claims become the same value, or none, by either way.
    fn compare<T: DeserializeOwned + PartialEq + Debug>(&self, claims: &str) {
        let token = self.pen.write(self.pen.header().to_string(), claims);

        let read = self.verifier.verify::<T>(&token, NOW);

        let expected = serde_json::from_str::<T>(claims);
        let name = std::any::type_name::<T>();
        assert_eq!(read.as_ref().ok(), expected.as_ref().ok(), "{name} from {claims}: {read:?}");
    }
}

#[derive(Debug, PartialEq, Deserialize)]
struct Of<T> {
    v: T,
}

#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
struct Newtype(String);

#[derive(Debug, PartialEq, Deserialize)]
struct Unit;

#[derive(Debug, PartialEq, Deserialize)]
struct Pair(u8, String);

#[derive(Debug, PartialEq, Deserialize)]
struct Inner {
    a: u8,
    #[serde(default)]
    b: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
enum Name {
    A,
    #[serde(other)]
    Other,
}

#[derive(Debug, PartialEq, Deserialize)]
enum External {
    Unit,
    Newtype(u8),
    Tuple(u8, u8),
    Struct { a: u8 },
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "t")]
enum Internal {
    Unit,
    Struct { a: u8 },
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Unit,
    Newtype(u8),
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(u8),
    Text(String),
    Struct { a: u8 },
    Many(Vec<f64>),
}

/// Values of every JSON type, and of every form that some Rust type has in JSON.
const VALUES: [&str; 62] = [
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-0.0",
    "1",
    "-1",
    "255",
    "256",
    "-128",
    "65535",
    "65536",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "340282366920938463463374607431768211455",
    "340282366920938463463374607431768211456",
    "-170141183460469231731687303715884105728",
    "0.1",
    "1.0",
    "1.5",
    "1e2",
    "1E-2",
    "123456789012345678.9",
    "1e300",
    r#""""#,
    r#""a""#,
    r#""A""#,
    r#""1""#,
    r#""ab""#,
    r#""\u00e9""#,
    r#""\ud83d\ude00""#,
    r#""127.0.0.1""#,
    r#""Unit""#,
    r#""\u0055nit""#,
    r#""Newtype""#,
    "[]",
    "[1]",
    r#"[1,"a"]"#,
    r#"[1,"a",2]"#,
    "[1,2]",
    "[[1],[2]]",
    "[null]",
    "[1.5,2]",
    r#"["a","\n"]"#,
    "{}",
    r#"{"a":1}"#,
    r#"{"a":1,"b":"x"}"#,
    r#"{"a":1,"b":null}"#,
    r#"{"a":"x"}"#,
    r#"{"Newtype":1}"#,
    r#"{"Tuple":[1,2]}"#,
    r#"{"Struct":{"a":1}}"#,
    r#"{"t":"Struct","a":1}"#,
    r#"{"t":"Newtype","c":1}"#,
    r#"{"t":"Unit"}"#,
];

/// One claim of each type, of each value.
#[test]
fn a_claim_is_read_as_json_is() {
    macro_rules! compare {
        ($bench:ident, $($of:ty),* $(,)?) => {
            for value in VALUES {
                let claims = format!(r#"{{"x":"\n","v":{value},"y":[]}}"#);
                $($bench.compare::<Of<$of>>(&claims);)*
            }
        };
    }
    let bench = Bench::new();

    compare!(
        bench, bool, u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, f32, f64, char,
        String, Box<str>, (), Unit, Newtype, Pair, Inner, Name, External, Internal, Adjacent,
        Untagged, Option<u8>, Option<String>, Option<Inner>, Vec<u8>, Vec<f64>, Vec<Value>,
        Vec<Newtype>, [u8; 2], (u8, String), HashMap<String, u8>, BTreeMap<Newtype, Value>,
        BTreeMap<u8, u8>, Value, Map<String, Value>, Timestamp, IpAddr, NonZeroU16, Box<Inner>,
    );
}

/// All claims, into whatever holds an object.
#[test]
fn an_object_is_read_as_json_is() {
    macro_rules! compare {
        ($bench:ident, $($of:ty),* $(,)?) => {
            for claims in VALUES.iter().filter(|value| value.starts_with('{')) {
                $($bench.compare::<$of>(claims);)*
            }
        };
    }
    let bench = Bench::new();

    compare!(
        bench, Inner, Box<Inner>, Option<Inner>, Internal, Adjacent, Untagged, Of<u8>, Value,
        Map<String, Value>, HashMap<String, Value>, HashMap<String, u8>,
        HashMap<Name, Value>, BTreeMap<Newtype, Value>, BTreeMap<char, Value>, Vec<u8>, String, u8,
    );
}
