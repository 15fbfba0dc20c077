//! The workbook that goes back to whoever sent the file.

use std::path::{Path, PathBuf};

use steward_sheet::Why;

use super::file::File;
use super::outcome::Outcome;
use crate::failure::{Failure, Result};

/// What stands in its name before `.xlsx`.
const MARK: &str = ".错误";
/// The kinds of workbooks that Excel opens by no other name.
const KINDS: [&str; 3] = ["xlsm", "xltx", "xltm"];

/// The file with the reasons of its refused rows beside them.
pub fn workbook(file: &File, outcome: &Outcome) -> Result<Vec<u8>> {
    steward_sheet::returned(file, &outcome.refused, |fault| outcome.reason(fault)).map_err(
        |error| {
            Failure::of(Why::new(
                format!("无法生成退回的工作簿:{error}"),
                format!("the returned workbook cannot be made: {error}"),
            ))
        },
    )
}

/// A name beside the file that no file has yet: `costs.错误.xlsx`, then `costs.错误2.xlsx`. The name of
/// a workbook that has come back before is not made longer. One with macros keeps its kind.
pub fn name(file: &Path) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let digits = stem.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let stem = digits.strip_suffix(MARK).unwrap_or(&stem);
    let kind = file.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let kind = if KINDS.contains(&&*kind) { &*kind } else { "xlsx" };
    let name = |number: usize| match number {
        1 => file.with_file_name(format!("{stem}{MARK}.{kind}")),
        _ => file.with_file_name(format!("{stem}{MARK}{number}.{kind}")),
    };
    (1..1_000).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_name_is_new() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        assert_eq!(name(&path("一月.csv")), path("一月.错误.xlsx"));
        assert_eq!(name(&path("2013.01.xlsx")), path("2013.01.错误.xlsx"));
        assert_eq!(name(&path("一月.XLSM")), path("一月.错误.xlsm"));
        std::fs::write(path("一月.错误.xlsx"), "").unwrap();
        assert_eq!(name(&path("一月.csv")), path("一月.错误2.xlsx"));
        assert_eq!(name(&path("一月.错误.xlsx")), path("一月.错误2.xlsx"));
        std::fs::write(path("一月.错误2.xlsx"), "").unwrap();
        assert_eq!(name(&path("一月.错误2.xlsx")), path("一月.错误3.xlsx"));
    }
}
