//! The zip archive that a workbook is, judged before it is unpacked.

use super::MOST_UNPACKED;
use crate::ReadError;

/// The most files of a workbook.
const MOST_FILES: usize = 10_000;
const END_SIGNATURE: &[u8] = b"PK\x05\x06";
const FILE_SIGNATURE: &[u8] = b"PK\x01\x02";
/// The length of the end record, and of a directory entry without its names.
const END: usize = 22;
const ENTRY: usize = 46;
/// So many times smaller at most is what can be packed: more is no deflate.
const MOST_RATIO: u64 = 1_040;

/// Refuses an archive that says that it unpacks to more than [`MOST_UNPACKED`], or that lies about it
/// in a way that its directory shows.
pub(super) fn check(bytes: &[u8]) -> Result<(), ReadError> {
    let (count, start) = end(bytes).ok_or_else(broken)?;
    if count > MOST_FILES {
        return Err(bomb());
    }
    let (mut at, mut unpacked) = (start, 0_u64);
    for _ in 0..count {
        let entry = bytes.get(at..at + ENTRY).ok_or_else(broken)?;
        if !entry.starts_with(FILE_SIGNATURE) {
            return Err(broken());
        }
        let (small, large) = (number(entry, 20, 4), number(entry, 24, 4));
        unpacked += large;
        if unpacked > MOST_UNPACKED || small.saturating_mul(MOST_RATIO) + MOST_RATIO < large {
            return Err(bomb());
        }
        let names: u64 = [28, 30, 32].map(|place| number(entry, place, 2)).iter().sum();
        at += ENTRY + usize::try_from(names).unwrap_or(usize::MAX - at - ENTRY);
    }
    Ok(())
}

/// How many files the archive has, and where its directory begins.
fn end(bytes: &[u8]) -> Option<(usize, usize)> {
    let first = bytes.len().checked_sub(END)?;
    let lowest = first.saturating_sub(usize::from(u16::MAX));
    let at = (lowest..=first).rev().find(|at| bytes[*at..].starts_with(END_SIGNATURE))?;
    let record = &bytes[at..];
    let number = |place, length| usize::try_from(number(record, place, length)).ok();
    Some((number(10, 2)?, number(16, 4)?))
}

fn number(bytes: &[u8], place: usize, length: usize) -> u64 {
    let bytes = bytes.get(place..place + length).unwrap_or_default();
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn broken() -> ReadError {
    ReadError::new(
        "文件损坏,不是完整的 .xlsx 工作簿",
        "the file is damaged: no whole .xlsx workbook",
    )
}

fn bomb() -> ReadError {
    ReadError::new(
        "工作簿解压后过大,不予读取",
        "the workbook unpacks to far more than is read at once",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory of one file with such sizes.
    fn archive(small: u32, large: u32) -> Vec<u8> {
        let mut bytes = [FILE_SIGNATURE, &[0; ENTRY - 4]].concat();
        bytes[20..24].copy_from_slice(&small.to_le_bytes());
        bytes[24..28].copy_from_slice(&large.to_le_bytes());
        let mut end = [END_SIGNATURE, &[0; END - 4]].concat();
        end[10] = 1;
        [bytes, end].concat()
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused() {
        assert!(check(&archive(1_000_000, 10_000_000)).is_ok());
        for (small, large) in [(40_000_000, 1_000_000_001), (10, 1_000_000), (u32::MAX, u32::MAX)] {
            let why = check(&archive(small, large)).unwrap_err().why.en;
            assert!(why.starts_with("the workbook unpacks"), "{why}");
        }
    }

    #[test]
    fn what_is_cut_off_is_refused() {
        let whole = archive(10, 10);
        for length in 0..whole.len() {
            assert!(check(&whole[..length]).is_err(), "{length}");
        }
    }
}
