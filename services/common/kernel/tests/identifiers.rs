//! Unified social credit codes against a judge that no one here wrote: see the fixture's README.

use steward_kernel::{CodeError, OrganizationCode};

const CODES: &str = include_str!("fixtures/identifiers/uscc.csv");

#[test]
fn every_code_is_judged_as_the_fixture_says() {
    let mut rows = csv::Reader::from_reader(CODES.as_bytes());
    let (mut right, mut odd, mut refused) = (0, 0, 0);
    for row in rows.deserialize() {
        let (code, valid, kind): (String, u8, String) = row.unwrap();
        let parsed = OrganizationCode::parse(&code);
        match kind.as_str() {
            "length" => {
                assert_eq!(parsed, Err(CodeError::Length), "{code}");
                refused += 1;
            }
            "badletter" => {
                assert!(matches!(parsed, Err(CodeError::Letter { .. })), "{code} {parsed:?}");
                refused += 1;
            }
            "generated" | "check" | "transpose" | "substitute" => {
                let ok = parsed.unwrap().check_character_ok();
                assert_eq!(ok, valid == 1, "{code} {kind}");
                if ok { right += 1 } else { odd += 1 }
            }
            _ => panic!("unknown kind {kind}"),
        }
    }
    assert_eq!((right, odd, refused), (10, 6, 4));
}
