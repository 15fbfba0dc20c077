//! The one client of the gateway that all commands use.

use std::path::Path;
use std::time::Duration;

use steward_kernel::{Clock, SystemClock};
use steward_proto::directory::v1::administration_service_client::AdministrationServiceClient;
use steward_proto::directory::v1::figures_service_client::FiguresServiceClient;
use steward_proto::directory::v1::organization_service_client::OrganizationServiceClient;
use steward_proto::directory::v1::region_service_client::RegionServiceClient;
use steward_proto::directory::v1::succession_service_client::SuccessionServiceClient;
use steward_proto::finding::v1::finding_service_client::FindingServiceClient;
use steward_proto::finding::v1::rule_service_client::RuleServiceClient;
use steward_proto::fleet::v1::card_service_client::CardServiceClient;
use steward_proto::fleet::v1::driver_service_client::DriverServiceClient;
use steward_proto::fleet::v1::establishment_service_client::EstablishmentServiceClient;
use steward_proto::fleet::v1::expense_service_client::ExpenseServiceClient;
use steward_proto::fleet::v1::figure_service_client::FigureServiceClient;
use steward_proto::fleet::v1::publication_service_client::PublicationServiceClient;
use steward_proto::fleet::v1::statement_service_client::StatementServiceClient;
use steward_proto::fleet::v1::trip_service_client::TripServiceClient;
use steward_proto::fleet::v1::vehicle_service_client::VehicleServiceClient;
use steward_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use steward_proto::report::v1::report_service_client::ReportServiceClient;
use steward_sheet::Why;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Status};

use crate::failure::{Failure, Result};

/// Where a gateway listens by default.
pub const DEFAULT_SERVER: &str = "http://127.0.0.1:8080";

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// A report by organization may be long.
const LARGEST_ANSWER: usize = 64 << 20;

steward_kernel::id!(
    /// What a request is known by, so that it is done once however often it is sent.
    RequestId
);

/// A fresh `request_id`.
pub fn new_request_id() -> String {
    RequestId::new(SystemClock.now()).to_string()
}

/// A connection to a gateway.
#[derive(Debug, Clone)]
pub struct Client {
    channel: Channel,
    token: Option<MetadataValue<Ascii>>,
}

/// What the client adds to every call.
#[derive(Debug, Clone)]
pub struct Headers {
    token: Option<MetadataValue<Ascii>>,
    domain: Option<&'static str>,
}

/// A channel with the client's headers.
pub type Connection = InterceptedService<Channel, Headers>;

impl Client {
    /// Connects to the gateway at `server`, with the token in `token_file` if there is one. The certificate of
    /// an `https://` gateway must be signed by whom `ca_file` holds, or by whom the machine trusts.
    pub async fn connect(
        server: &str,
        token_file: Option<&Path>,
        ca_file: Option<&Path>,
    ) -> Result<Self> {
        let token = token_file.map(read_token).transpose()?;
        let mut endpoint = endpoint(server)?;
        if server.starts_with("https://") {
            endpoint =
                endpoint.tls_config(tls(ca_file)?).map_err(steward_chassis::Error::internal)?;
        }
        let channel = endpoint.connect().await.map_err(|error| {
            if let Some(untrusted) = untrusted(server, &error) {
                return untrusted;
            }
            let hint = "is `steward up` or `steward demo` running there?";
            Failure::of(Why::new(
                format!("{server} 没有网关应答;那里是否已运行 steward up 或 steward demo?"),
                format!("no gateway answers at {server}; {hint}"),
            ))
        })?;
        Ok(Self { channel, token })
    }

    /// The ledger of a domain.
    pub fn ledger(&self, domain: &'static str) -> LedgerServiceClient<Connection> {
        LedgerServiceClient::new(self.connection(Some(domain)))
            .max_decoding_message_size(LARGEST_ANSWER)
    }

    /// The organizations of the directory.
    pub fn organizations(&self) -> OrganizationServiceClient<Connection> {
        OrganizationServiceClient::new(self.connection(None))
    }

    /// The yearly figures of organizations.
    pub fn figures(&self) -> FiguresServiceClient<Connection> {
        FiguresServiceClient::new(self.connection(None))
    }

    /// The administrations of the regions.
    pub fn administrations(&self) -> AdministrationServiceClient<Connection> {
        AdministrationServiceClient::new(self.connection(None))
    }

    /// How organizations became others.
    pub fn successions(&self) -> SuccessionServiceClient<Connection> {
        SuccessionServiceClient::new(self.connection(None))
    }

    /// The register of vehicles.
    pub fn vehicles(&self) -> VehicleServiceClient<Connection> {
        VehicleServiceClient::new(self.connection(None))
    }

    /// The fuel cards.
    pub fn cards(&self) -> CardServiceClient<Connection> {
        CardServiceClient::new(self.connection(None))
    }

    /// Statements of fuel cards.
    pub fn statements(&self) -> StatementServiceClient<Connection> {
        StatementServiceClient::new(self.connection(None))
    }

    /// The establishments of vehicles.
    pub fn establishments(&self) -> EstablishmentServiceClient<Connection> {
        EstablishmentServiceClient::new(self.connection(None))
    }

    /// The drivers of vehicles.
    pub fn drivers(&self) -> DriverServiceClient<Connection> {
        DriverServiceClient::new(self.connection(None))
    }

    /// The trips of vehicles.
    pub fn trips(&self) -> TripServiceClient<Connection> {
        TripServiceClient::new(self.connection(None))
    }

    /// The running expenses of vehicles.
    pub fn expenses(&self) -> ExpenseServiceClient<Connection> {
        ExpenseServiceClient::new(self.connection(None))
    }

    /// The figures of vehicles.
    pub fn vehicle_figures(&self) -> FigureServiceClient<Connection> {
        FigureServiceClient::new(self.connection(None))
    }

    /// What organizations publish about their vehicles.
    pub fn publications(&self) -> PublicationServiceClient<Connection> {
        PublicationServiceClient::new(self.connection(None))
            .max_decoding_message_size(LARGEST_ANSWER)
    }

    /// The findings of a domain.
    pub fn findings(&self, domain: &'static str) -> FindingServiceClient<Connection> {
        FindingServiceClient::new(self.connection(Some(domain)))
    }

    /// The rules of a domain.
    pub fn rules(&self, domain: &'static str) -> RuleServiceClient<Connection> {
        RuleServiceClient::new(self.connection(Some(domain)))
    }

    /// The regions of the directory.
    pub fn regions(&self) -> RegionServiceClient<Connection> {
        RegionServiceClient::new(self.connection(None))
    }

    /// The reports of the gateway.
    pub fn reports(&self) -> ReportServiceClient<Connection> {
        ReportServiceClient::new(self.connection(None)).max_decoding_message_size(LARGEST_ANSWER)
    }

    fn connection(&self, domain: Option<&'static str>) -> Connection {
        let headers = Headers { token: self.token.clone(), domain };
        InterceptedService::new(self.channel.clone(), headers)
    }
}

/// The items of all pages of a list. `ask` asks for the page of a token, the first one has none, and answers
/// its items and the token of the next.
pub(crate) async fn pages<T, E>(
    ask: impl AsyncFn(String) -> Result<(Vec<T>, String), E>,
) -> Result<Vec<T>, E> {
    let (mut all, mut token) = (Vec::new(), String::new());
    loop {
        let (items, next) = ask(token).await?;
        all.extend(items);
        if next.is_empty() {
            return Ok(all);
        }
        token = next;
    }
}

impl Interceptor for Headers {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let metadata = request.metadata_mut();
        if let Some(token) = &self.token {
            metadata.insert("authorization", token.clone());
        }
        if let Some(domain) = self.domain {
            metadata.insert("steward-domain", MetadataValue::from_static(domain));
        }
        Ok(request)
    }
}

fn endpoint(server: &str) -> Result<Endpoint> {
    if !server.starts_with("http://") && !server.starts_with("https://") {
        return Err(no_address(
            server,
            ";请写成 http://主机:端口 或 https://主机:端口",
            "; write it as http://host:port or https://host:port",
        ));
    }
    let endpoint =
        Endpoint::from_shared(server.to_owned()).map_err(|_| no_address(server, "", ""))?;
    Ok(endpoint.connect_timeout(CONNECT).tcp_nodelay(true))
}

fn tls(ca_file: Option<&Path>) -> Result<ClientTlsConfig> {
    let Some(file) = ca_file else { return Ok(ClientTlsConfig::new().with_native_roots()) };
    let pem = std::fs::read(file).map_err(|error| {
        let file = file.display();
        Failure::of(Why::new(format!("证书文件 {file}:{error}"), format!("{file}: {error}")))
    })?;
    Ok(ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem)))
}

/// The failure where the gateway's certificate is not believed.
fn untrusted(server: &str, error: &(dyn std::error::Error + 'static)) -> Option<Failure> {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let why = causes.map(ToString::to_string).find(|why| why.contains("certificate"))?;
    Some(Failure::of(Why::new(
        format!("{server} 的证书不可信({why});签发者可用 --ca-file 指明"),
        format!("the certificate of {server} is not believed ({why}); --ca-file names its signer"),
    )))
}

fn no_address(server: &str, zh: &str, en: &str) -> Failure {
    let zh = format!("{server:?}不是服务器地址{zh}");
    Failure::of(Why::new(zh, format!("{server:?} is no address of a server{en}"))).by_usage()
}

fn read_token(file: &Path) -> Result<MetadataValue<Ascii>> {
    let unreadable = |zh: &str, en: &str| {
        let file = file.display();
        Failure::of(Why::new(format!("令牌文件 {file}:{zh}"), format!("token file {file}: {en}")))
    };
    let token = std::fs::read_to_string(file).map_err(|error| {
        let error = error.to_string();
        unreadable(&error, &error)
    })?;
    let mut value: MetadataValue<Ascii> = format!("Bearer {}", token.trim())
        .parse()
        .map_err(|_| unreadable("里面不是令牌", "it does not hold a token"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_addresses_are_taken() {
        assert!(endpoint(DEFAULT_SERVER).is_ok());
        assert!(endpoint("https://steward:8443").is_ok());
        for wrong in ["ftp://steward:8080", "127.0.0.1:8080", "http://", "https://", ""] {
            assert!(endpoint(wrong).unwrap_err().is_usage(), "{wrong}");
        }
    }

    #[test]
    fn the_token_is_trimmed_and_hidden() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "abc.def.ghi\n").unwrap();
        let token = read_token(file.path()).unwrap();
        assert_eq!(token.to_str().unwrap(), "Bearer abc.def.ghi");
        assert!(token.is_sensitive());
        assert!(!format!("{token:?}").contains("abc"));
        let missing = read_token(Path::new("/nonexistent/token")).unwrap_err();
        assert!(missing.to_string().starts_with("token file /nonexistent/token: "));
    }
}
