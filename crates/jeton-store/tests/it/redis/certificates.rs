//! An authority of a test, and a certificate of it for a server on this machine.

use std::path::PathBuf;

use pem_rfc7468::LineEnding;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

/// Files, as Redis wants them: by absolute paths.
pub(crate) struct Certificates {
    folder: TempDir,
}

impl Certificates {
    /// For the IP address 127.0.0.1, or for whatever name.
    pub(crate) fn for_name(name: &str) -> Self {
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_key = KeyPair::generate().unwrap();
        let certificate = authority.self_signed(&authority_key).unwrap();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().unwrap();
        let server = CertificateParams::new([name.to_owned()]).unwrap();
        let server = server.signed_by(&key, &issuer).unwrap();

        let all = Self { folder: tempfile::tempdir().unwrap() };
        let write = |name: &str, label: &str, der: &[u8]| {
            let pem = pem_rfc7468::encode_string(label, LineEnding::LF, der).unwrap();
            std::fs::write(all.path(name), pem).unwrap();
        };
        write("authority.crt", "CERTIFICATE", certificate.der());
        write("server.crt", "CERTIFICATE", server.der());
        write("server.key", "PRIVATE KEY", &key.serialize_der());
        all
    }

    /// The file of the authority.
    pub(crate) fn authorities(&self) -> PathBuf {
        self.folder.path().join("authority.crt")
    }

    /// The options of a server that speaks nothing but TLS on this port.
    pub(crate) fn options(&self, port: u16) -> Vec<String> {
        let port = port.to_string();
        let pairs = [
            ("--port", "0".to_owned()),
            ("--tls-port", port),
            ("--tls-cert-file", self.path("server.crt")),
            ("--tls-key-file", self.path("server.key")),
            ("--tls-ca-cert-file", self.path("authority.crt")),
            ("--tls-auth-clients", "no".to_owned()),
            ("--tls-protocols", "TLSv1.2 TLSv1.3".to_owned()),
        ];
        pairs.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect()
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }
}
