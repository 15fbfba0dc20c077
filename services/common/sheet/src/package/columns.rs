//! The widths and styles of the columns of a sheet.

use std::fmt::Write as _;

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::WriteError;
use super::xml::{local, number, prefix, tag};

/// The styles of columns: first and last, from 1, and the style.
pub(super) type Styles = Vec<(usize, usize, usize)>;

/// The element of the columns with one of them, from 0, made so wide; and the styles that they have.
/// Where that column is one of several that are described together, they are described apart.
pub(super) fn rewritten(
    raw: &str,
    element: &BytesStart<'_>,
    wide_one: Option<(usize, usize)>,
) -> Result<(String, Styles), WriteError> {
    let name = element.name();
    let mut styles = Styles::new();
    let mut out = tag(element, &[], false)?;
    let mut pending = wide_one.map(|it| (it.0 + 1, wide(prefix(name.0), it)));
    let mut reader = Reader::from_str(raw);
    loop {
        let column = match reader.read_event()? {
            Event::Start(it) | Event::Empty(it) if local(it.name().0) == "col" => it,
            Event::Eof => break,
            _ => continue,
        };
        let (first, last) = (number(&column, "min")?, number(&column, "max")?);
        let (Some(first), Some(last)) = (first, last) else { continue };
        styles.push((first, last, number(&column, "style")?.unwrap_or(0)));
        let part = |first: usize, last: usize| {
            let ends = [("min", Some(first.to_string())), ("max", Some(last.to_string()))];
            if first <= last { tag(&column, &ends, true) } else { Ok(String::new()) }
        };
        match pending.take_if(|(at, _)| *at <= last) {
            None => out += &part(first, last)?,
            Some((at, wide)) => {
                out += &part(first, at.saturating_sub(1).min(last))?;
                out += &wide;
                out += &part(first.max(at + 1), last)?;
            }
        }
    }
    if let Some((_, wide)) = pending {
        out += &wide;
    }
    let _ = write!(out, "</{}>", name.0);
    Ok((out, styles))
}

/// The element of a column, from 0, of a width.
pub(super) fn wide(prefix: &str, (column, width): (usize, usize)) -> String {
    let at = column + 1;
    format!("<{prefix}col min=\"{at}\" max=\"{at}\" width=\"{width}\" customWidth=\"1\"/>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_described_once_each() {
        let raw =
            "<cols><col min=\"2\" max=\"4\" style=\"7\"/><col min=\"8\" max=\"16384\"/></cols>";
        let element = BytesStart::new("cols");
        for (column, expected) in [
            (0, "1-1 2-4 8-16384"),
            (1, "2-2 3-4 8-16384"),
            (2, "2-2 3-3 4-4 8-16384"),
            (3, "2-3 4-4 8-16384"),
            (5, "2-4 6-6 8-16384"),
            (9, "2-4 8-9 10-10 11-16384"),
        ] {
            let (text, styles) = rewritten(raw, &element, Some((column, 70))).unwrap();
            let ends = text.split("min=\"").skip(1).map(|it| {
                let (first, rest) = it.split_once("\" max=\"").unwrap();
                format!("{first}-{}", rest.split_once('"').unwrap().0)
            });
            assert_eq!(ends.collect::<Vec<_>>().join(" "), expected, "{text}");
            assert_eq!(styles, [(2, 4, 7), (8, 16_384, 0)]);
        }
    }
}
