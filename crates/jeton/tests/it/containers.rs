//! Keys in every form that they are written down in.

use aws_lc_rs::encoding::{AsDer as _, EcPrivateKeyRfc5915Der};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED_SIGNING,
    ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair,
};
use jeton::{
    Algorithm, KeyError, KeySet, PrivateKey, PublicKey, Signer, SigningKey, Verifier, VerifyingKey,
};
use pem_rfc7468::{LineEnding, encode_string};

use crate::given;
use crate::given::NOW;

/// Whether what the private key signs is what the public key verifies.
fn belong_together(private: PrivateKey, public: PublicKey) -> bool {
    let token = Signer::new(SigningKey::private(private)).sign("at+jwt", &given::claims()).unwrap();
    let keys = KeySet::new([VerifyingKey::public(public)]).unwrap();
    Verifier::new(keys, given::policy()).verify_access_token(&token, NOW).is_ok()
}

fn pem(label: &str, der: &[u8]) -> String {
    encode_string(label, LineEnding::LF, der).unwrap()
}

/// PKCS#8 of an RSA key of 2048 bits has 26 bytes in front of its PKCS#1.
fn pkcs1_private(key: &PrivateKey) -> Vec<u8> {
    key.to_der().unwrap()[26..].to_vec()
}

/// And its SPKI has 24.
fn pkcs1_public(key: &PublicKey) -> Vec<u8> {
    key.to_der()[24..].to_vec()
}

fn sec1(algorithm: &'static EcdsaSigningAlgorithm) -> Vec<u8> {
    let pair = EcdsaKeyPair::generate(algorithm).unwrap();
    let der: EcPrivateKeyRfc5915Der<'_> = pair.private_key().as_der().unwrap();
    der.as_ref().to_vec()
}

const CURVES: [(Algorithm, &EcdsaSigningAlgorithm); 4] = [
    (Algorithm::Es256, &ECDSA_P256_SHA256_FIXED_SIGNING),
    (Algorithm::Es384, &ECDSA_P384_SHA384_FIXED_SIGNING),
    (Algorithm::Es512, &ECDSA_P521_SHA512_FIXED_SIGNING),
    (Algorithm::Es256k, &ECDSA_P256K1_SHA256_FIXED_SIGNING),
];

/// T8: every algorithm's key, through every form that we write, is the same key.
#[test]
fn a_key_survives_each_form_it_is_written_in() {
    for algorithm in given::asymmetric() {
        let key = given::private(algorithm);
        let public = key.public_key();
        let privates = [
            PrivateKey::from_pem(&key.to_pem().unwrap()),
            PrivateKey::from_der(&key.to_der().unwrap()),
            PrivateKey::from_jwk(&key.to_jwk().unwrap()),
        ];
        let jwks = jeton::JwkSet::new([(None, public)]).to_json();
        let jwk = serde_json::from_str::<serde_json::Value>(&jwks).unwrap()["keys"][0].to_string();
        let publics = [
            PublicKey::from_pem(&public.to_pem()),
            PublicKey::from_der(&public.to_der()),
            PublicKey::from_jwk(&jwk),
        ];

        for (form, read) in ["PEM", "DER", "JWK"].into_iter().zip(privates) {
            let read = read.unwrap().with_algorithm(algorithm).unwrap();

            assert_eq!(*read.to_der().unwrap(), *key.to_der().unwrap(), "{algorithm:?} {form}");
            assert_eq!(*read.to_jwk().unwrap(), *key.to_jwk().unwrap(), "{algorithm:?} {form}");
            assert_eq!(read.public_key().to_der(), public.to_der(), "{algorithm:?} {form}");
            assert!(belong_together(read, public.clone()), "{algorithm:?} {form}");
        }
        for (form, read) in ["PEM", "DER", "JWK"].into_iter().zip(publics) {
            let read = read.unwrap().with_algorithm(algorithm).unwrap();

            assert_eq!(read.to_der(), public.to_der(), "{algorithm:?} {form}");
            assert_eq!(read.thumbprint(), public.thumbprint(), "{algorithm:?} {form}");
        }
    }
}

/// A JWK says its algorithm; PEM and DER of RSA and Ed25519 do not, so they have the default.
#[test]
fn a_key_has_the_algorithm_that_its_form_can_say() {
    for algorithm in given::asymmetric() {
        let key = given::private(algorithm);

        let by_jwk = PrivateKey::from_jwk(&key.to_jwk().unwrap()).unwrap();
        let by_pem = PrivateKey::from_pem(&key.to_pem().unwrap()).unwrap();

        let default = match algorithm.name() {
            name if name.starts_with(['R', 'P']) => Algorithm::Rs256,
            "Ed25519" => Algorithm::EdDsa,
            _ => algorithm,
        };
        assert_eq!((by_jwk.algorithm(), by_pem.algorithm()), (algorithm, default));
    }
}

/// T8, RFC 8017: what OpenSSL wrote for RSA before PKCS#8.
#[test]
fn pkcs1_is_read() {
    let key = given::private(Algorithm::Rs256);
    let (private, public) = (pkcs1_private(&key), pkcs1_public(key.public_key()));

    let privates =
        [PrivateKey::from_der(&private), PrivateKey::from_pem(&pem("RSA PRIVATE KEY", &private))];
    let publics =
        [PublicKey::from_der(&public), PublicKey::from_pem(&pem("RSA PUBLIC KEY", &public))];

    for read in privates {
        assert_eq!(*read.unwrap().to_der().unwrap(), *key.to_der().unwrap());
    }
    for read in publics {
        assert_eq!(read.unwrap().to_der(), key.public_key().to_der());
    }
}

/// T8, RFC 5915: what OpenSSL wrote for elliptic curves before PKCS#8.
#[test]
fn sec1_is_read_on_each_curve() {
    for (algorithm, curve) in CURVES {
        let der = sec1(curve);

        let by_der = PrivateKey::from_der(&der).unwrap();
        let by_pem = PrivateKey::from_pem(&pem("EC PRIVATE KEY", &der)).unwrap();
        let in_two_blocks = pem("EC PARAMETERS", &[6, 1, 1]) + &pem("EC PRIVATE KEY", &der);
        assert!(PrivateKey::from_pem(&in_two_blocks).is_ok());

        assert_eq!(by_der.algorithm(), algorithm);
        assert_eq!(by_der.public_key().to_der(), by_pem.public_key().to_der());
        assert!(belong_together(by_der, by_pem.public_key().clone()));
    }
}

/// A label that says one thing over bytes that are another is a damaged file.
#[test]
fn a_form_under_the_label_of_another_is_refused() {
    let (rsa, ec) = (given::private(Algorithm::Rs256), sec1(&ECDSA_P256_SHA256_FIXED_SIGNING));
    let pkcs8 = rsa.to_der().unwrap();
    let cases = [
        ("PKCS#8 as PKCS#1", pem("RSA PRIVATE KEY", &pkcs8)),
        ("PKCS#8 as SEC 1", pem("EC PRIVATE KEY", &pkcs8)),
        ("PKCS#1 as PKCS#8", pem("PRIVATE KEY", &pkcs1_private(&rsa))),
        ("SEC 1 as PKCS#8", pem("PRIVATE KEY", &ec)),
        ("SPKI as PKCS#8", pem("PRIVATE KEY", &rsa.public_key().to_der())),
    ];
    for (name, text) in cases {
        let refused = PrivateKey::from_pem(&text).unwrap_err();

        assert_eq!(refused, KeyError::Unsupported, "{name}");
    }
}

/// What is not a key that can be read says what it is.
#[test]
fn a_form_that_is_not_read_is_named() {
    use KeyError::{Certificate, Encrypted, Pem};

    // The outermost structure of each is all that it takes.
    let encrypted = [0x30, 7, 0x30, 2, 5, 0, 4, 1, 0];
    let certificate = [0x30, 8, 0x30, 0, 0x30, 0, 3, 2, 0, 0];
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\
               DEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    let texts = [
        ("an encrypted key", pem("ENCRYPTED PRIVATE KEY", &encrypted), Encrypted),
        ("an encrypted key of old", old.to_owned(), Encrypted),
        ("a certificate", pem("CERTIFICATE", &certificate), Certificate),
        ("an OpenSSH key", pem("OPENSSH PRIVATE KEY", b"openssh-key-v1"), Pem),
        ("parameters", pem("EC PARAMETERS", &[6, 1, 1]), Pem),
    ];
    for (name, text, refusal) in texts {
        assert_eq!(PrivateKey::from_pem(&text).unwrap_err(), refusal, "{name}");
        assert_eq!(PublicKey::from_pem(&text).unwrap_err(), refusal, "{name}");
    }
    for (der, refusal) in [(&encrypted[..], Encrypted), (&certificate, Certificate)] {
        assert_eq!(PrivateKey::from_der(der).unwrap_err(), refusal);
        assert_eq!(PublicKey::from_der(der).unwrap_err(), refusal);
    }
}

/// I11: a file whose public key is another's signs what nobody verifies, so it is refused: the public
/// key stands at the end of each of these.
#[test]
fn a_private_key_with_the_public_key_of_another_is_refused() {
    let ed25519 = || Ed25519KeyPair::generate().unwrap().to_pkcs8().unwrap().as_ref().to_vec();
    let ec_pkcs8 = |algorithm| given::private(algorithm).to_der().unwrap().to_vec();
    let mut pairs = vec![("Ed25519 in PKCS#8 v2", [ed25519(), ed25519()], 32)];
    for (algorithm, curve) in CURVES {
        let length = if algorithm == Algorithm::Es512 { 132 } else { 64 };
        pairs.push(("ECDSA in SEC 1", [sec1(curve), sec1(curve)], length));
        pairs.push(("ECDSA in PKCS#8", [ec_pkcs8(algorithm), ec_pkcs8(algorithm)], length));
    }
    for (name, [own, other], length) in pairs {
        let (private, _) = own.split_at(own.len() - length);
        let (_, public) = other.split_at(other.len() - length);

        let refused = PrivateKey::from_der(&[private, public].concat()).unwrap_err();

        assert!(PrivateKey::from_der(&own).is_ok(), "{name}");
        assert_eq!(refused, KeyError::Unsupported, "{name}");
    }
}

/// I11: modulus, exponents and primes of an RSA file have to fit each other.
#[test]
fn a_private_rsa_key_with_the_modulus_of_another_is_refused() {
    let key = given::private(Algorithm::Rs256);
    let mut der = key.to_der().unwrap().to_vec();
    let modulus = der.windows(2).position(|bytes| bytes == [0x82, 1]).unwrap();
    let start = der[modulus..].len();

    der[100] ^= 1; // within the 257 bytes of the modulus, wherever it starts

    assert!(start > 300);
    assert_eq!(PrivateKey::from_der(&der).unwrap_err(), KeyError::Unsupported);
}

/// V5, A18: whatever becomes of a file, reading it is no more than an error; and a public key that
/// is still read is spelled as it was read.
#[test]
fn a_damaged_key_file_is_read_without_panic() {
    let defaults = given::asymmetric().filter(|algorithm| {
        !matches!(algorithm.name(), "Ed25519" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512")
    });
    for algorithm in defaults {
        let key = given::private(algorithm);
        let public = key.public_key().to_der();
        for bit in 0..public.len() * 8 {
            let flipped = flip(&public, bit);

            let read = PublicKey::from_der(&flipped);

            assert!(read.is_err() || read.unwrap().to_der() == flipped, "{algorithm:?}: {bit}");
        }
        for length in 0..public.len() {
            assert!(PublicKey::from_der(&public[..length]).is_err(), "{algorithm:?}: {length}");
        }
        assert!(PublicKey::from_der(&[&public[..], &[0]].concat()).is_err());

        let private = key.to_der().unwrap();
        // Of an RSA key every bit of the beginning, and one of each byte of its integers, whose
        // check takes a while.
        let bits =
            (0..private.len() * 8).filter(|bit| *bit < 500 || private.len() < 500 || bit % 8 == 3);
        for bit in bits {
            let _ = PrivateKey::from_der(&flip(&private, bit));
        }
        for length in 0..private.len() {
            assert!(PrivateKey::from_der(&private[..length]).is_err(), "{algorithm:?}: {length}");
        }
        assert!(PrivateKey::from_der(&[&private[..], &[0]].concat()).is_err());
    }
}

/// The same for JWKs.
#[test]
fn a_damaged_jwk_is_read_without_panic() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es512, Algorithm::EdDsa, Algorithm::MlDsa44] {
        let jwk = given::private(algorithm).to_jwk().unwrap();
        for length in 0..jwk.len() {
            let refused = SigningKey::from_jwk(&jwk[..length]).map(|_| ());
            assert_eq!(refused, Err(KeyError::Jwk), "{algorithm:?}: {length}");
        }
        for bit in (0..jwk.len() * 8).filter(|bit| bit % 8 != 7) {
            let flipped = String::from_utf8(flip(jwk.as_bytes(), bit)).unwrap();

            let _ = SigningKey::from_jwk(&flipped);
            let _ = VerifyingKey::from_jwk(&flipped);
        }
    }
}

fn flip(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut flipped = bytes.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    flipped
}

/// How the lines of a PEM file are cut is no part of the key.
#[test]
fn pem_is_read_however_its_lines_are_cut() {
    let key = PrivateKey::generate(Algorithm::Rs256).unwrap();
    let pem = key.to_pem().unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let cut = |letters: usize, end: &str| {
        let lines = body.as_bytes().chunks(letters).map(|line| str::from_utf8(line).unwrap());
        let lines: Vec<_> = lines.collect();
        format!("-----BEGIN PRIVATE KEY-----{end}{}{end}-----END PRIVATE KEY-----", lines.join(end))
    };
    let spellings = [
        cut(64, "\n"),
        cut(64, "\r\n"),
        cut(64, "\r"),
        cut(64, " \n"),
        cut(64, "\n    "),
        cut(64, "\n\n"),
        cut(76, "\n"),
        cut(1, "\n"),
        cut(usize::MAX, "\n"),
    ];

    for text in spellings {
        let read = PrivateKey::from_pem(&text).unwrap();

        assert_eq!(read.to_pem().unwrap(), pem, "{:?}", text.get(..100));
    }
    let other = cut(64, "\n").replace("PRIVATE KEY-----\n", "PRIVATE KEY-----\nkind: of\n");
    assert_eq!(PrivateKey::from_pem(&other).unwrap_err(), KeyError::Pem);
}
