//! What all parts of a package are read with.

use std::fmt::Write as _;

use quick_xml::XmlVersion;
use quick_xml::escape::escape;
use quick_xml::events::BytesStart;

use super::WriteError;

/// A name without its prefix.
pub(super) fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// The prefix of a name, with its colon.
pub(super) fn prefix(name: &str) -> &str {
    &name[..name.len() - local(name).len()]
}

/// The value of an attribute.
pub(super) fn attribute(element: &BytesStart<'_>, key: &str) -> Result<Option<String>, WriteError> {
    let Some(attribute) = element.try_get_attribute(key)? else { return Ok(None) };
    Ok(Some(attribute.normalized_value(XmlVersion::Implicit1_0)?.into_owned()))
}

/// An attribute that is a number.
pub(super) fn number(element: &BytesStart<'_>, key: &str) -> Result<Option<usize>, WriteError> {
    Ok(attribute(element, key)?.and_then(|text| text.parse().ok()))
}

/// The opening tag of an element with some attributes given other values, or none.
pub(super) fn tag(
    element: &BytesStart<'_>,
    changes: &[(&str, Option<String>)],
    is_empty: bool,
) -> Result<String, WriteError> {
    let mut tag = format!("<{}", element.name().0);
    for attribute in element.attributes() {
        let attribute = attribute?;
        if !changes.iter().any(|(key, _)| *key == attribute.key.0) {
            let _ = write!(tag, " {}=\"{}\"", attribute.key.0, attribute.value);
        }
    }
    for (key, value) in changes {
        if let Some(value) = value {
            let _ = write!(tag, " {key}=\"{}\"", escape(value.as_str()));
        }
    }
    tag.push_str(if is_empty { "/>" } else { ">" });
    Ok(tag)
}

/// A text as XML takes it: without the control characters that it has no form for.
pub(super) fn text(text: &str) -> String {
    escape(text.replace(is_control, " ")).into_owned()
}

fn is_control(letter: char) -> bool {
    matches!(letter, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// The line and column, from 0, of a reference such as `E5`.
pub(super) fn place(reference: &str) -> Option<(usize, usize)> {
    let end = reference.find(|it: char| it.is_ascii_digit())?;
    let (letters, row) = reference.split_at(end);
    let mut column = 0_usize;
    for letter in letters.bytes() {
        if !letter.is_ascii_uppercase() || column > 1_000_000 {
            return None;
        }
        column = column * 26 + usize::from(letter - b'A') + 1;
    }
    Some((row.parse::<usize>().ok()?.checked_sub(1)?, column.checked_sub(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_places() {
        for (reference, expected) in [
            ("A1", Some((0, 0))),
            ("AA12", Some((11, 26))),
            ("XFD1048576", Some((1_048_575, 16_383))),
            ("A0", None),
            ("12", None),
            ("$A$1", None),
            ("", None),
        ] {
            assert_eq!(place(reference), expected, "{reference}");
        }
    }

    #[test]
    fn a_text_is_sound_xml() {
        assert_eq!(text("a<b\u{1}&\nc"), "a&lt;b &amp;\nc");
    }

    #[test]
    fn a_tag_keeps_what_is_not_changed() {
        let element = BytesStart::from_content("x:row r=\"5\" spans=\"1:3\" ht='9'", 5);
        let changes = [("spans", None), ("ht", Some("30".to_owned()))];
        assert_eq!(tag(&element, &changes, false).unwrap(), "<x:row r=\"5\" ht=\"30\">");
    }
}
