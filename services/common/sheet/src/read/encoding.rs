//! The text of a CSV file, whichever of the two encodings of Chinese systems it is in.

use std::borrow::Cow;

use encoding_rs::GB18030;

use super::quoting::breaks;
use crate::ReadError;

/// UTF-8 with or without a byte order mark, or else GB18030, of which GBK and GB2312 are parts.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, ReadError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(ReadError::new(
            "文件是 UTF-16 编码;请另存为“CSV UTF-8”",
            "the file is UTF-16; save it as CSV UTF-8",
        ));
    }
    if bytes.contains(&0) {
        return Err(ReadError::new(
            "文件不是表格:既不是 CSV 也不是 .xlsx",
            "the file is no table: neither CSV nor .xlsx",
        ));
    }
    let (bytes, marked) = match bytes.strip_prefix("\u{feff}".as_bytes()) {
        Some(rest) => (rest, true),
        None => (bytes, false),
    };
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(Cow::Borrowed(text)),
        Err(error) => error,
    };
    let gb18030 = GB18030.decode_without_bom_handling_and_without_replacement(bytes);
    match gb18030.filter(|text| !marked && is_plausible(text)) {
        Some(text) => Ok(text),
        None => Err(neither(bytes, error.valid_up_to())),
    }
}

/// Text of Chinese files has no letters of the private use areas, to which GB18030 maps what has no
/// meaning, and no control characters.
fn is_plausible(text: &str) -> bool {
    !text.chars().any(|letter| {
        matches!(letter, '\u{e000}'..='\u{f8ff}' | '\u{80}'..='\u{9f}' | '\u{1}'..='\u{8}')
    })
}

fn neither(bytes: &[u8], at: usize) -> ReadError {
    let before = &bytes[..at];
    let line = 1 + breaks(before);
    let start =
        before.iter().rposition(|byte| matches!(byte, b'\r' | b'\n')).map_or(0, |it| it + 1);
    let byte = at - start + 1;
    ReadError::new(
        format!(
            "文件编码既不是 UTF-8 也不是 GBK/GB18030(第{line}行第{byte}字节起);请另存为“CSV UTF-8”"
        ),
        format!(
            "the file is neither UTF-8 nor GBK/GB18030 (first seen in line {line}, byte {byte}); \
             save it as CSV UTF-8"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_8_and_gb18030_are_told_apart() {
        let text = "单位,金额\n宜昌市财政局,１２３．４５元\n";
        assert_eq!(decode(text.as_bytes()).unwrap(), text);
        assert_eq!(decode(format!("\u{feff}{text}").as_bytes()).unwrap(), text);
        let (gbk, _, lost) = encoding_rs::GBK.encode(text);
        assert!(!lost && std::str::from_utf8(&gbk).is_err());
        assert_eq!(decode(&gbk).unwrap(), text);
        let rare = "㐀,𠀀";
        let (gb18030, _, lost) = GB18030.encode(rare);
        assert!(!lost);
        assert_eq!(decode(&gb18030).unwrap(), rare);
    }

    #[test]
    fn what_is_neither_is_refused_with_its_place() {
        let says = |bytes: &[u8]| decode(bytes).unwrap_err().why;
        assert_eq!(says(b"\xff\xfea\0").en, "the file is UTF-16; save it as CSV UTF-8");
        let why = says(b"a,b\nc,\xff\xff\n");
        assert!(why.en.contains("(first seen in line 2, byte 3)"), "{}", why.en);
        assert!(why.zh.contains("第2行第3字节"), "{}", why.zh);
        // A file that says that it is UTF-8 is not read as anything else.
        let (gbk, ..) = encoding_rs::GBK.encode("样本");
        let marked = ["\u{feff}".as_bytes(), &gbk].concat();
        assert!(says(&marked).en.starts_with("the file is neither"));
        assert!(says(b"\x7fELF\0\0").en.starts_with("the file is no table"));
    }
}
