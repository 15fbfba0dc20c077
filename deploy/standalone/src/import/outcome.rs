//! What became of an import.

use std::fmt;

use super::{Duplicate, Fault, Options};

/// What became of an import. Shown as the lines that the command prints.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Rows of the file, without empty ones.
    pub rows: usize,
    /// Rows that were posted, or in a dry run could be.
    pub accepted: usize,
    /// Rows that were there already, by line.
    pub duplicates: Vec<Duplicate>,
    /// What was refused, by line; a row can have several faults.
    pub refused: Vec<Fault>,
    /// Why it ended before all was done.
    pub stopped: Option<String>,
    /// Whether it was only tried.
    pub dry_run: bool,
    /// Whether refused rows did not keep the others from being posted.
    pub partial: bool,
}

impl Outcome {
    pub(super) fn new(options: Options) -> Self {
        Self { dry_run: options.dry_run, partial: options.partial, ..Self::default() }
    }

    pub(super) fn sort(&mut self) {
        self.duplicates.sort_by_key(|duplicate| duplicate.line);
        self.refused.sort();
    }

    /// Whether every row is in the ledger now, or in a dry run could be.
    pub fn is_success(&self) -> bool {
        self.refused.is_empty() && self.stopped.is_none()
    }

    /// How many rows were refused.
    pub fn refused_rows(&self) -> usize {
        let mut lines: Vec<_> = self.refused.iter().map(|fault| fault.line).collect();
        lines.sort_unstable();
        lines.dedup();
        lines.len()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.refused {
            writeln!(f, "refused: {fault}")?;
        }
        for duplicate in &self.duplicates {
            writeln!(f, "duplicate: {duplicate}")?;
        }
        let (rows, duplicates, refused) = (self.rows, self.duplicates.len(), self.refused_rows());
        let accepted = if self.dry_run { "would be accepted" } else { "accepted" };
        write!(
            f,
            "{rows} rows: {} {accepted}, {duplicates} duplicates, {refused} refused",
            self.accepted
        )?;
        if let Some(stopped) = &self.stopped {
            let again = "run the same command again to complete it; what is there is skipped";
            return write!(f, "\nnot complete: {stopped}\n{again}");
        }
        if refused > 0 && !self.partial && !self.dry_run {
            let hint = "correct the refused rows, or post the others with --partial";
            write!(f, "\nnothing was posted: {hint}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_became_of_every_row() {
        let mut outcome = Outcome { rows: 10, ..Outcome::default() };
        outcome.refused = vec![
            Fault::of_cell(17, "unit", "is empty"),
            Fault::of_cell(3, "amount_yuan", "is empty"),
            Fault::of_cell(3, "document_no", "is empty"),
        ];
        outcome.duplicates = vec![Duplicate { line: 5, repeats: None }];
        outcome.sort();
        assert!(!outcome.is_success());
        assert_eq!(
            outcome.to_string(),
            "refused: line 3, amount_yuan: is empty\n\
             refused: line 3, document_no: is empty\n\
             refused: line 17, unit: is empty\n\
             duplicate: line 5: already in the ledger\n\
             10 rows: 0 accepted, 1 duplicates, 2 refused\n\
             nothing was posted: correct the refused rows, or post the others with --partial"
        );
    }

    #[test]
    fn an_interrupted_import_says_how_far_it_got() {
        let outcome = Outcome {
            rows: 3_000,
            accepted: 1_000,
            stopped: Some("interrupted; 1000 of 3000 new rows were posted".to_owned()),
            ..Outcome::default()
        };
        assert!(!outcome.is_success());
        assert!(outcome.to_string().ends_with(
            "not complete: interrupted; 1000 of 3000 new rows were posted\n\
             run the same command again to complete it; what is there is skipped"
        ));
    }
}
