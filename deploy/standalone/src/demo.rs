//! `steward demo`: the suite with the sample city, in a folder that is gone afterwards.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use steward_kernel::{Month, SystemClock};
use tempfile::TempDir;

use crate::client::Client;
use crate::failure::{Failure, Result};
use crate::progress;
use crate::report::{self, GroupBy, Shown};
use crate::sample::{self, City};
use crate::suite::{self, Suite, SuiteConfig};

/// What stands above every report of the sample.
pub const BANNER: &str = "【样本数据 / sample data】 虚构，仅供试用 / made up, for trying out";

/// The year that the demo reports; the one before is its baseline.
const YEAR: i32 = 2013;

/// A running demo.
#[derive(Debug)]
pub struct Demo {
    /// The suite.
    pub suite: Suite,
    /// The report on the sample, as a table in Chinese.
    pub report: String,
    folder: TempDir,
}

impl Demo {
    /// Loads the sample city through the gateway and asks for its report.
    pub async fn fill(&mut self) -> Result<()> {
        let client = Client::connect(&self.suite.url(), None, None).await?;
        let bar = progress::bar("loading the sample city", 0);
        Box::pin(sample::load(&client, &City::new(), &bar)).await?;
        self.report = report_on_sample(&client).await?;
        Ok(())
    }

    /// Where its databases lie.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Stops the suite and removes its folder.
    pub async fn stop(self) -> Result<()> {
        self.suite.stop().await
    }

    /// What a newcomer is told, who called the program by this name.
    pub fn welcome(&self, program: &str) -> String {
        let url = self.suite.url();
        format!(
            "{report}\n\
             Steward is up with the sample city; Ctrl-C stops it and removes its data.\n\
             \n  gateway (gRPC, gRPC-Web, REST)      {url}\
             \n  what it answers, to read            {url}/docs\
             \n  databases (SQLite)                  {folder}\n\
             \ntry next, in another terminal:\
             \n  {program} report --server {url} --from 2013-01 --to 2013-06 --group-by region\
             \n  {program} report --server {url} --from 2013-01 --to 2013-12 --view payer --lang en\
             \n  {program} report --server {url} --from 2013-04 --to 2013-06 --format xlsx --output report.xlsx\
             \n  {program} report --server {url} --from 2013-01 --to 2013-12 --format html --output report.html\
             \n  {program} fleet figures --server {url} --from 2013-01 --to 2013-12 --organization {bureau}\
             \n  {program} fleet findings --server {url}\
             \n  {program} import costs FILE.csv --dry-run --server {url}\n",
            report = self.report,
            folder = self.folder.path().display(),
            bureau = sample::bureau(),
        )
    }
}

/// Starts the suite in a fresh temporary folder, loads the sample city and asks for its report:
/// [`open`] and [`Demo::fill`].
pub async fn start(listen: Option<SocketAddr>) -> Result<Demo> {
    let mut demo = open(listen).await?;
    demo.fill().await?;
    Ok(demo)
}

/// Starts the suite, still empty, in a fresh temporary folder. Without an address it listens at the default one, or at a free port of loopback
/// if that is taken.
pub async fn open(listen: Option<SocketAddr>) -> Result<Demo> {
    let folder = tempfile::Builder::new()
        .prefix("steward-demo-")
        .tempdir()
        .map_err(|error| Failure::new(format!("no temporary folder can be made: {error}")))?;
    let mut config = SuiteConfig::default();
    config.database.default_to(folder.path());
    config.server.listen = match listen {
        Some(address) => address,
        None => free(config.server.listen).await?,
    };
    let suite = suite::start(&config, Arc::new(SystemClock)).await?;
    Ok(Demo { suite, report: String::new(), folder })
}

/// The address itself, or a free port beside it if it is taken.
async fn free(address: SocketAddr) -> Result<SocketAddr> {
    if suite::bind(address).await.is_ok() {
        return Ok(address);
    }
    Ok(SocketAddr::new(address.ip(), 0))
}

async fn report_on_sample(client: &Client) -> Result<String> {
    let month = |month| Month::new(YEAR, month).ok_or_else(|| Failure::new("no such month"));
    let mut options = report::Options::months(month(1)?, month(12)?);
    options.group_by = vec![GroupBy::Domain, GroupBy::Category, GroupBy::Region];
    let (report, names) = report::fetch(client, &options).await?;
    let whole_city = options.is_whole_city(&report);
    let shown = Shown { whole_city, names, banner: BANNER.to_owned(), ..Shown::default() };
    Ok(report::table::render(&report, &shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_left_to_its_owner() {
        let owner = suite::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let taken = owner.local_addr().unwrap();
        assert_eq!(free(taken).await.unwrap().port(), 0);
        let refused = suite::bind(taken).await.unwrap_err();
        assert!(refused.to_string().starts_with(&format!("cannot listen at {taken}: ")));
    }
}
