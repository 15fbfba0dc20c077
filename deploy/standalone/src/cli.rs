//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand};
use steward_kernel::Month;

use crate::client::DEFAULT_SERVER;
use crate::development::GrantText;
use crate::fleet;
use crate::import::Kind;
use crate::report::{Basis, Format, GroupBy, Language, PerHead, Structure, Unit, View};

/// Steward: a city's government offices administration in one process, and its command line.
#[derive(Debug, Parser)]
#[command(name = "steward", version, about, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the suite with a made-up sample city, print its cost-reduction report and stay up
    Demo(Demo),
    /// Start the suite on data that is kept
    Up(Up),
    /// Print a token for trying things out, which holds on this machine only
    Token(Token),
    /// Import workbooks and CSV files through a gateway
    #[command(subcommand)]
    Import(Import),
    /// Make an empty workbook to fill in and import
    Template(Template),
    /// Print the cost-reduction report, or write it as a workbook or a page
    Report(Report),
    /// Print what fleet knows of vehicles, or write it as a workbook
    #[command(subcommand)]
    Fleet(Fleet),
}

impl Command {
    /// The language in which it tells what becomes of it.
    pub(crate) fn language(&self) -> Language {
        match self {
            Self::Import(import) => import.file().1.lang,
            Self::Report(report) => report.lang,
            Self::Fleet(fleet) => fleet.shown().lang,
            Self::Demo(_) | Self::Up(_) | Self::Token(_) | Self::Template(_) => Language::En,
        }
    }
}

impl Import {
    /// What is imported, and from where.
    pub(crate) fn file(&self) -> (Kind, &ImportFile) {
        match self {
            Self::Costs(file) => (Kind::Costs, file),
            Self::Organizations(file) => (Kind::Organizations, file),
            Self::Heads(file) => (Kind::Heads, file),
            Self::Zeros(file) => (Kind::Zeros, file),
            Self::Vehicles(file) => (Kind::Vehicles, file),
            Self::Grants(file) => (Kind::Grants, file),
            Self::Drivers(file) => (Kind::Drivers, file),
            Self::Cards(file) => (Kind::Cards, file),
            Self::Budgets(file) => (Kind::Budgets, file),
            Self::Trips(file) => (Kind::Trips, file),
            Self::Expenses(file) => (Kind::Expenses, file),
            Self::Statements(file) => (Kind::Statements, file),
        }
    }
}

/// `steward demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Where to listen [default: 127.0.0.1:8080, or a free port if that is taken]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
}

/// `steward up`.
#[derive(Debug, Args)]
pub struct Up {
    /// The folder of the SQLite files, for databases that the configuration does not name
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
    /// Where to listen [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// A TOML file with settings; environment variables STEWARD__… go before it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `steward token`.
#[derive(Debug, Args)]
pub struct Token {
    /// The folder of `steward up`, which runs with STEWARD__AUTH__MODE=development
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
    /// Who calls with it
    #[arg(long, value_name = "NAME")]
    pub subject: String,
    /// A role in a domain or all (*), for regions and organizations, between commas: manager:fleet:4205*
    #[arg(long = "grant", value_name = "ROLE:DOMAIN:PLACES")]
    pub grants: Vec<GrantText>,
    /// How many hours it holds
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=720))]
    pub hours: u32,
}

/// `steward import`.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// Import costs
    ///
    /// Columns, in any order, in Chinese or English: organization, domain, category, occurred_on,
    /// amount_yuan, document_no; optional quantity, unit, memo, document_line, paid_by, service_from,
    /// service_to (the last day of the service), fund_source.
    Costs(ImportFile),
    /// Import organizations
    ///
    /// Columns: name, kind, level; optional code, region, short_name, former_names, old_code,
    /// budget_code, established_on. What is there already is never changed.
    Organizations(ImportFile),
    /// Import head counts and floor areas
    ///
    /// Columns: organization, year; optional establishment, on_post, energy_users, floor_area. What is
    /// there already is replaced.
    Heads(ImportFile),
    /// Import declarations of months without costs
    ///
    /// Columns: organization, domain, month.
    Zeros(ImportFile),
    /// Import the register of vehicles
    ///
    /// Columns: organization, plate, category, body, power_source, model, acquired_on; optional seats,
    /// vin, displacement, price_yuan, registered_on, source, registered_owner, luxury_fitout, domestic,
    /// inspection_due_on, insured_to (the last day), tank_l, pool, parking_place, marked, fixed_to,
    /// guarantee_mode, leader_rank, state, disposed_on, disposal_way, note. Vehicles that break a rule are
    /// loaded; findings tell of them. One with disposed_on is one of the past. Without seats, or without
    /// the displacement of an engine, it takes --accept-warnings. What is there already is never changed.
    Vehicles(ImportFile),
    /// Import authorised numbers of vehicles
    ///
    /// Columns: organization, category, authorised, effective_from, document_no; optional document_on,
    /// authority (by category), pool, note. Or a column for each category in place of category and authorised:
    /// confidential, emergency, enforcement, special, other, general (empty or - = no grant, 0 = one of none),
    /// and optional total. What is granted from a day on is never changed.
    Grants(ImportFile),
    /// Import the register of drivers
    ///
    /// Columns: organization, name, licence_class, licence_expires_on; optional state (active), subject
    /// (the login). What is there already is never changed.
    Drivers(ImportFile),
    /// Import the register of fuel cards
    ///
    /// Columns: card_no, plate (of the vehicle that has the card now, or its VIN); optional issuer, stations
    /// (several with 、 ; , / or lines between them; none = anywhere), state (active, blocked, closed), note.
    /// What is there already is never changed. The number of a closed card may be registered anew, for the
    /// vehicle that had it with --accept-warnings. What was paid with the cards before is judged again.
    Cards(ImportFile),
    /// Import budgets
    ///
    /// Columns: organization, domain, category, year, amount_yuan, document_no. A budget that is set
    /// otherwise is replaced only with --accept-warnings.
    Budgets(ImportFile),
    /// Import trips of before
    ///
    /// Columns: plate, depart_time, return_time, purpose, destination; optional organization (else that of
    /// the vehicle), driver, date, return_date (where the times have no day), start_odometer,
    /// end_odometer, distance (km), user, passengers, kind, holiday_reason, dispatch_no, pick_up, note.
    /// What is odd is loaded; findings tell of it.
    Trips(ImportFile),
    /// Import what vehicles cost
    ///
    /// Columns: plate, kind, occurred_on (a day, or a day and time), amount_yuan, document_no; optional
    /// litres, kwh, odometer (km), document_line, card_no, station, service_from, service_to (the last
    /// day), paid_by, fund_source, memo. It is booked on who held the vehicle on the day.
    Expenses(ImportFile),
    /// Import statements of fuel cards
    ///
    /// Columns: card_no, line_time, kind (top_up, fill, charge), amount_yuan, document_no; optional
    /// quantity (litres or kWh), plate, station, odometer (km), document_line. A fill is an expense of the
    /// vehicle of the card; a top-up is none.
    Statements(ImportFile),
}

/// What every import needs.
#[derive(Debug, Args)]
pub struct ImportFile {
    /// The file: .xlsx, or .csv in UTF-8 or GBK; `steward template` makes an empty one
    ///
    /// Nothing is posted if any row is refused, unless --partial. Rows that are there already are
    /// skipped, so an import can be repeated. Ends with 0 if every row is there now, with 1 if
    /// something was refused or failed.
    pub file: PathBuf,
    /// The sheet of the workbook [default: the only one that can be imported]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Post what can be posted even if other rows are refused
    #[arg(long)]
    pub partial: bool,
    /// Check everything, post nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Accept what is odd but possible, such as an organization code with a wrong check character
    #[arg(long)]
    pub accept_warnings: bool,
    /// Where the workbook goes that says beside each refused row why; no file that is there already
    /// [default: FILE.错误.xlsx, or .错误2.xlsx if that is there]
    #[arg(long, value_name = "FILE")]
    pub returned: Option<PathBuf>,
    /// The language of the reasons
    #[arg(long, value_enum, default_value_t)]
    pub lang: Language,
    /// The gateway.
    #[command(flatten)]
    pub connection: Connection,
}

/// `steward template`.
#[derive(Debug, Args)]
pub struct Template {
    /// For which import
    #[arg(value_enum)]
    pub kind: Kind,
    /// The file [default: named after the import, in this folder]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `steward report`.
#[derive(Debug, Args)]
pub struct Report {
    /// The first month
    #[arg(long, value_name = "YYYY-MM")]
    pub from: Month,
    /// The last month, included
    #[arg(long, value_name = "YYYY-MM")]
    pub to: Month,
    /// Compare with another period than the year before: its first month
    #[arg(long, value_name = "YYYY-MM", requires = "baseline_to")]
    pub baseline_from: Option<Month>,
    /// Its last month, included
    #[arg(long, value_name = "YYYY-MM", requires = "baseline_from")]
    pub baseline_to: Option<Month>,
    /// By what to split, each once [default: domain; for xlsx and html all]
    #[arg(long, value_enum, value_delimiter = ',')]
    pub group_by: Vec<GroupBy>,
    /// A region: 420502, 420500 for the city's own level, '4205*' for the whole city; repeatable
    #[arg(long = "region", value_name = "REGION")]
    pub regions: Vec<String>,
    /// An organization; repeatable
    #[arg(long = "organization", value_name = "CODE")]
    pub organizations: Vec<String>,
    /// Which month a cost counts in
    #[arg(long, value_enum, default_value_t)]
    pub basis: Basis,
    /// Whose cost it is
    #[arg(long, value_enum, default_value_t)]
    pub view: View,
    /// At which organizations costs stand
    #[arg(long, value_enum, default_value_t)]
    pub structure: Structure,
    /// Divide the totals and the rows by region and organization by a head count
    #[arg(long, value_enum, value_name = "HEADS")]
    pub per_head: Option<PerHead>,
    /// Fail rather than print an incomplete report
    #[arg(long)]
    pub require_complete: bool,
    /// For people a table, a workbook or a page; for programs JSON or CSV, exact to the fen
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// The language of the table, the workbook or the page
    #[arg(long, value_enum, default_value_t)]
    pub lang: Language,
    /// The unit of their amounts
    #[arg(long, value_enum, default_value_t)]
    pub unit: Unit,
    /// The reporting unit (填报单位) that stands on a workbook or a page [default: the region or
    /// organization asked for]
    #[arg(long, value_name = "NAME")]
    pub issuer: Option<String>,
    /// Write to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The gateway.
    #[command(flatten)]
    pub connection: Connection,
}

/// `steward fleet`.
#[derive(Debug, Subcommand)]
pub enum Fleet {
    /// The list that an organization publishes of a month: vehicles and trips
    List {
        /// The organization
        #[arg(long, value_name = "CODE")]
        organization: String,
        /// The month; it ends on the day that the rule publication_cut says
        #[arg(long, value_name = "YYYY-MM")]
        month: Month,
        /// How it is shown.
        #[command(flatten)]
        shown: Shown,
    },
    /// Establishments: authorised, held, reserved, free
    Establishments {
        /// By region rather than by organization
        #[arg(long)]
        by_region: bool,
        /// Whose.
        #[command(flatten)]
        of: Whose,
        /// How they are shown.
        #[command(flatten)]
        shown: Shown,
    },
    /// Vehicles for which something is due
    Due {
        /// What is due
        #[arg(value_enum)]
        what: fleet::Due,
        /// Before this day
        #[arg(long, value_name = "YYYY-MM-DD")]
        before: NaiveDate,
        /// Whose.
        #[command(flatten)]
        of: Whose,
        /// How they are shown.
        #[command(flatten)]
        shown: Shown,
    },
    /// Figures of vehicles: cost per km, use per 100 km, under-used ones
    Figures {
        /// The first month
        #[arg(long, value_name = "YYYY-MM")]
        from: Month,
        /// The last month, included
        #[arg(long, value_name = "YYYY-MM")]
        to: Month,
        /// Whose.
        #[command(flatten)]
        of: Whose,
        /// How they are shown.
        #[command(flatten)]
        shown: Shown,
    },
    /// Findings: how many by region and rule, or each
    Findings {
        /// Each finding that is not closed, rather than how many there are
        #[arg(long)]
        each: bool,
        /// Whose.
        #[command(flatten)]
        of: Whose,
        /// How they are shown.
        #[command(flatten)]
        shown: Shown,
    },
}

impl Fleet {
    /// How the answer is shown.
    pub(crate) fn shown(&self) -> &Shown {
        match self {
            Self::List { shown, .. }
            | Self::Establishments { shown, .. }
            | Self::Due { shown, .. }
            | Self::Figures { shown, .. }
            | Self::Findings { shown, .. } => shown,
        }
    }

    /// What is asked.
    pub(crate) fn asked(&self) -> fleet::Asked {
        match self {
            Self::List { organization, month, .. } => {
                fleet::Asked::List { organization: organization.clone(), month: *month }
            }
            Self::Establishments { by_region, of, .. } => {
                fleet::Asked::Establishments { by_region: *by_region, of: of.of() }
            }
            Self::Due { what, before, of, .. } => {
                fleet::Asked::Due { what: *what, before: *before, of: of.of() }
            }
            Self::Figures { from, to, of, .. } => {
                fleet::Asked::Figures { months: (*from, *to), of: of.of() }
            }
            Self::Findings { each, of, .. } => fleet::Asked::Findings { each: *each, of: of.of() },
        }
    }
}

/// Whose vehicles are asked for.
#[derive(Debug, Args)]
pub struct Whose {
    /// A region: 420502, 420500 for the city's own level, '4205*' for the whole city; repeatable
    #[arg(long = "region", value_name = "REGION")]
    pub regions: Vec<String>,
    /// An organization; repeatable
    #[arg(long = "organization", value_name = "CODE")]
    pub organizations: Vec<String>,
}

impl Whose {
    fn of(&self) -> fleet::Of {
        fleet::Of { regions: self.regions.clone(), organizations: self.organizations.clone() }
    }
}

/// How an answer is shown.
#[derive(Debug, Args)]
pub struct Shown {
    /// For people a table or a workbook; for programs JSON or CSV, exact in small units
    #[arg(long, value_enum, default_value_t)]
    pub format: fleet::Format,
    /// The language
    #[arg(long, value_enum, default_value_t)]
    pub lang: Language,
    /// Write to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The gateway.
    #[command(flatten)]
    pub connection: Connection,
}

/// Where the gateway is and who calls.
#[derive(Debug, Args)]
pub struct Connection {
    /// The gateway
    #[arg(long, value_name = "URL", default_value = DEFAULT_SERVER)]
    pub server: String,
    /// A file with the bearer token
    #[arg(long, value_name = "FILE", env = "STEWARD_TOKEN_FILE")]
    pub token_file: Option<PathBuf>,
    /// A PEM file with who signed the certificate of an https:// gateway [default: whom this machine trusts]
    #[arg(long, value_name = "FILE", env = "STEWARD_CA_FILE")]
    pub ca_file: Option<PathBuf>,
}

#[cfg(test)]
mod tests;
