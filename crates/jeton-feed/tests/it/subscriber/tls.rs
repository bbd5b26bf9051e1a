//! Over TLS: to an authority that is trusted, and to no other.

use std::sync::Arc;

use jeton_feed::subscribe::{Credentials, Settings, StartError, Subscriber};
use rcgen::CertifiedKey;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::given::{Case, MOST, ended, jwks, key, session, settings};
use crate::issuer::{Issuer, eventually, wall};

/// Speaks TLS for an issuer that does not.
struct Front {
    url: String,
    /// The certificate, in DER; its own authority.
    certificate: Vec<u8>,
    tasks: JoinSet<()>,
}

impl Front {
    async fn of(issuer: &Issuer, name: &str) -> Self {
        let CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let private = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], private)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let behind = issuer.url.strip_prefix("http://").unwrap().to_owned();
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, TlsAcceptor::from(Arc::new(config)), behind));
        Self { url, certificate: cert.der().to_vec(), tasks }
    }

    fn settings(&self) -> Settings {
        Settings::new(&self.url, Credentials::client("orders", "jcs_s:cret"), wall)
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, behind: String) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (acceptor, behind) = (acceptor.clone(), behind.clone());
        connections.spawn(async move {
            // Whoever does not trust us goes away.
            let Ok(mut client) = acceptor.accept(stream).await else { return };
            let mut server = TcpStream::connect(behind).await.unwrap();
            let _ = copy_bidirectional(&mut client, &mut server).await;
        });
    }
}

async fn issuer() -> (jeton::SigningKey, Issuer) {
    let key = key("k1");
    let issuer = Issuer::start(jwks(&[&key])).await;
    (key, issuer)
}

#[tokio::test]
async fn an_issuer_with_a_trusted_certificate_is_followed() {
    let (key, issuer) = issuer().await;
    let front = Front::of(&issuer, "localhost").await;
    let trusting = front.settings().with_authority(&front.certificate).unwrap();
    let case = Case::at(key, issuer, |_| trusting);

    case.subscriber.wait_ready(MOST).await.unwrap();
    case.issuer.revoke(ended(session(1)));

    eventually("refused", || case.code(session(1)) == "logged_out").await;
    assert!(!front.tasks.is_empty());
}

#[tokio::test]
async fn nothing_is_said_to_an_issuer_whose_certificate_is_not_trusted() {
    for (why, name, trust_another) in [
        ("of an unknown authority", "localhost", true),
        ("of another host", "other.example", false),
    ] {
        let (key, issuer) = issuer().await;
        let front = Front::of(&issuer, name).await;
        let another = Front::of(&issuer, "localhost").await;
        let authority = if trust_another { &another } else { &front };
        let trusting = front.settings().with_authority(&authority.certificate).unwrap();
        let case = Case::at(key, issuer, |_| trusting);

        eventually("tried again", || case.subscriber.status().reconnects >= 2).await;

        assert_eq!(case.issuer.world().requests.len(), 0, "{why}");
    }
}

#[tokio::test]
async fn what_is_no_certificate_is_refused() {
    let (_, issuer) = issuer().await;
    let refused = settings(&issuer).with_authority(b"no certificate");
    assert!(matches!(refused, Err(StartError::Tls(_))), "{refused:?}");

    // Those of the system will do where nothing else is said.
    let client = Credentials::client("orders", "jcs_s:cret");
    let started = Subscriber::start(Settings::new("https://login.example", client, wall));
    assert!(matches!(started, Ok(_) | Err(StartError::Tls(_))), "{started:?}");
}
