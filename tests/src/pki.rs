//! An authority that signs certificates for tests.

use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use steward_chassis::config::TlsConfig;
use tempfile::TempDir;

/// An authority with a key of its own and a folder of certificates.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: TempDir,
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

impl Authority {
    /// With a new key.
    ///
    /// # Panics
    /// If no key or file can be made.
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name = name("test authority", "");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("ca.pem"), certificate.pem()).expect("a file");
        Self { issuer: Issuer::new(params, key), folder }
    }

    /// The authority's own certificate.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A certificate for `localhost`, good for servers and callers, with a common name and an organization.
    /// Who has it believes whom this authority signed.
    ///
    /// # Panics
    /// If no file can be made.
    pub fn issue(&self, common: &str, organization: &str) -> TlsConfig {
        let folder = self.folder.path().join(common);
        std::fs::create_dir_all(&folder).expect("a folder");
        self.issue_into(&folder, common, organization)
    }

    /// The same into files of a folder, in place of what is there.
    ///
    /// # Panics
    /// If no file can be made.
    pub fn issue_into(&self, folder: &Path, common: &str, organization: &str) -> TlsConfig {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
        params.distinguished_name = name(common, organization);
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let (certificate_file, key_file) = (folder.join("tls.crt"), folder.join("tls.key"));
        std::fs::write(&certificate_file, certificate.pem()).expect("a file");
        std::fs::write(&key_file, key.serialize_pem()).expect("a file");
        TlsConfig {
            certificate_file: Some(certificate_file),
            key_file: Some(key_file),
            client_ca_file: Some(self.file()),
            ca_file: Some(self.file()),
        }
    }
}

fn name(common: &str, organization: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    if !organization.is_empty() {
        name.push(DnType::OrganizationName, organization);
    }
    name.push(DnType::CommonName, common);
    name
}
