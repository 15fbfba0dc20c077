//! The file that is imported.

use std::io::Read;
use std::path::Path;

use steward_sheet::{MOST_BYTES, ReadError, Schema, Table, Why};

use super::columns;
use crate::failure::{Failure, Result};
use crate::report::Language;

/// A file, read but not understood yet.
pub type File = Table;

/// Reads a cost file from disk.
pub fn read(path: &Path) -> Result<File> {
    read_as(path, &columns::COSTS, None)
}

/// Reads the bytes of a cost file.
pub fn parse(bytes: &[u8]) -> Result<File> {
    steward_sheet::read(bytes, &columns::COSTS).map_err(failure)
}

/// Reads a file with those columns from disk, of at most 50 MB; of a workbook the sheet of that name, if
/// one is given.
pub fn read_as(path: &Path, schema: &Schema, sheet: Option<&str>) -> Result<File> {
    let unreadable = |error: std::io::Error| {
        let path = path.display();
        let why =
            Why::new(format!("{path} 读不出来:{error}"), format!("{path} cannot be read: {error}"));
        Failure::of(why)
    };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    steward_sheet::read_sheet(&bytes, schema, sheet).map_err(failure)
}

fn failure(error: ReadError) -> Failure {
    Failure::of(error.why).with_details(error.details)
}

impl Language {
    /// The sentence in the language.
    pub(crate) fn of(self, why: Why) -> String {
        match self {
            Self::Zh => why.zh,
            Self::En => why.en,
        }
    }
}
