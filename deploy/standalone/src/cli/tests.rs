//! The command line reads what it is given.

use clap::CommandFactory;

use super::*;

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn a_report_reads_all_its_options() {
    let line = "steward report --from 2013-01 --to 2013-06 --group-by domain,region \
                --region 4205* --region 420500 --basis incurred --view payer --lang en \
                --baseline-from 2011-01 --baseline-to 2011-06 --format csv \
                --structure restated --per-head on-post --unit yuan --issuer 某局";
    let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
    let Command::Report(report) = cli.command else { panic!("{cli:?}") };
    assert_eq!(report.group_by, [GroupBy::Domain, GroupBy::Region]);
    assert_eq!(report.regions, ["4205*", "420500"]);
    assert_eq!((report.basis, report.view), (Basis::Incurred, View::Payer));
    assert_eq!((report.structure, report.unit), (Structure::Restated, Unit::Yuan));
    assert_eq!(report.per_head, Some(PerHead::OnPost));
    assert_eq!(report.issuer.as_deref(), Some("某局"));
    assert_eq!(report.connection.server, DEFAULT_SERVER);
}

#[test]
fn what_is_wrong_is_refused() {
    for line in [
        "steward",
        "steward report --from 2013-01",
        "steward report --from 2013-13 --to 2013-12",
        "steward report --from 2013-01 --to 2013-06 --baseline-from 2012-01",
        "steward report --from 2013-01 --to 2013-06 --group-by colour",
        "steward report --from 2013-01 --to 2013-06 --per-head visitors",
        "steward report --from 2013-01 --to 2013-06 --unit fen",
        "steward import costs",
        "steward template",
        "steward template cost",
        "steward up --listen 8080",
        "steward fleet",
        "steward fleet list --month 2017-05",
        "steward fleet list --organization X --month 2017-13",
        "steward fleet due tyres --before 2017-05-01",
        "steward fleet due renewal --before 2017-05-32",
        "steward fleet figures --from 2017-05",
    ] {
        assert!(Cli::try_parse_from(line.split_whitespace()).is_err(), "{line}");
    }
}
