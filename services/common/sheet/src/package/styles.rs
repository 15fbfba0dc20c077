//! The styles of a workbook, with those that refused rows are marked with behind its own.

use quick_xml::events::Event;
use quick_xml::reader::Reader;

use super::xml::{local, prefix, tag};
use super::{WriteError, lacks};

/// The colours of refused cells, of their rows, and of reasons.
const CELL: &str = "FFFFC7CE";
const ROW: &str = "FFFFF2CC";
const RED: &str = "FFC00000";
/// What may follow the differential formats.
const BEHIND: [&str; 3] = ["tableStyles", "colors", "extLst"];

/// The styles that were added.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Styles {
    /// Of the header of the reasons.
    pub(crate) header: usize,
    /// Of a reason.
    pub(crate) reason: usize,
    /// The differential formats of a refused cell and of its row.
    pub(crate) rules: (usize, usize),
}

/// The styles of a workbook with those that are added.
pub(crate) fn styled(xml: &str) -> Result<(String, Styles), WriteError> {
    let font = |bold: &str| {
        format!(
            "<#font>{bold}<#sz val=\"11\"/><#color rgb=\"{RED}\"/><#name val=\"宋体\"/>\
             <#charset val=\"134\"/></#font>"
        )
    };
    let (xml, font) = append(xml, "fonts", &[font("<#b/>"), font("")])?;
    let style = |font: usize, across: &str| {
        format!(
            "<#xf numFmtId=\"49\" fontId=\"{font}\" fillId=\"0\" borderId=\"0\" xfId=\"0\" \
             applyNumberFormat=\"1\" applyFont=\"1\" applyAlignment=\"1\">\
             <#alignment{across} vertical=\"center\" wrapText=\"1\"/></#xf>"
        )
    };
    let styles = [style(font, " horizontal=\"center\""), style(font + 1, "")];
    let (xml, header) = append(&xml, "cellXfs", &styles)?;
    let fill = |colour: &str| {
        format!(
            "<#dxf><#fill><#patternFill patternType=\"solid\"><#bgColor rgb=\"{colour}\"/>\
             </#patternFill></#fill></#dxf>"
        )
    };
    let (xml, rule) = append(&xml, "dxfs", &[fill(CELL), fill(ROW)])?;
    Ok((xml, Styles { header, reason: header + 1, rules: (rule, rule + 1) }))
}

/// Adds items to a list of the styles, and answers the number of the first. `#` stands for the prefix
/// of the elements.
fn append(xml: &str, list: &str, items: &[String]) -> Result<(String, usize), WriteError> {
    let mut reader = Reader::from_str(xml);
    let mut space = None;
    loop {
        let start = at(&reader);
        let event = reader.read_event()?;
        let inside = at(&reader);
        let (element, is_empty) = match event {
            Event::Start(root) if space.is_none() => {
                space = Some(prefix(root.name().0).to_owned());
                continue;
            }
            Event::Start(it) => (it, false),
            Event::Empty(it) => (it, true),
            Event::End(_) => return new_list(xml, start, &space.unwrap_or_default(), list, items),
            Event::Eof => return Err(lacks(list)),
            _ => continue,
        };
        let name = element.name();
        if local(name.0) == list {
            let (count, end) = if is_empty { (0, inside) } else { children(&mut reader)? };
            let total = (count + items.len()).to_string();
            let opening = tag(&element, &[("count", Some(total))], false)?;
            let closing = if is_empty { format!("</{}>", name.0) } else { String::new() };
            let items = items.concat().replace('#', &space.unwrap_or_default());
            let (before, kept, behind) = (&xml[..start], &xml[inside..end], &xml[end..]);
            return Ok((format!("{before}{opening}{kept}{items}{closing}{behind}"), count));
        }
        if BEHIND.contains(&local(name.0)) {
            return new_list(xml, start, &space.unwrap_or_default(), list, items);
        }
        if !is_empty {
            reader.read_to_end(name)?;
        }
    }
}

fn at(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

/// How many children an element that has begun has, and where they end.
fn children(reader: &mut Reader<&[u8]>) -> Result<(usize, usize), WriteError> {
    let (mut count, mut end) = (0, at(reader));
    loop {
        match reader.read_event()? {
            Event::Start(it) => {
                reader.read_to_end(it.name())?;
                count += 1;
            }
            Event::Empty(_) => count += 1,
            Event::End(_) => return Ok((count, end)),
            Event::Eof => return Err(lacks("end of its styles")),
            _ => {}
        }
        end = at(reader);
    }
}

/// A list that a workbook may do without.
fn new_list(
    xml: &str,
    at: usize,
    space: &str,
    list: &str,
    items: &[String],
) -> Result<(String, usize), WriteError> {
    if list != "dxfs" {
        return Err(lacks(list));
    }
    let (before, behind, count) = (&xml[..at], &xml[at..], items.len());
    let items = items.concat().replace('#', space);
    let list = format!("<{space}{list} count=\"{count}\">{items}</{space}{list}>");
    Ok((format!("{before}{list}{behind}"), 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_added_behind_those_that_are_there() {
        for (list, rule) in [
            ("<s:dxfs count=\"1\"><s:dxf><s:font><s:b/></s:font></s:dxf></s:dxfs>", 1),
            ("<s:dxfs count=\"0\"/>", 0),
            ("", 0),
        ] {
            let xml = format!(
                "<s:styleSheet><s:fonts count=\"1\" k=\"1\"><s:font><s:b/></s:font></s:fonts>\
                 <s:fills/><s:cellStyleXfs><s:xf/></s:cellStyleXfs><s:cellXfs>\n<s:xf/><s:xf>\
                 <s:alignment/></s:xf>\n</s:cellXfs>{list}<s:tableStyles/></s:styleSheet>"
            );
            let (text, styles) = styled(&xml).unwrap();
            assert_eq!((styles.header, styles.reason), (2, 3));
            assert_eq!(styles.rules, (rule, rule + 1));
            assert!(text.contains("<s:fonts k=\"1\" count=\"3\"><s:font><s:b/></s:font><s:font>"));
            assert!(text.contains("<s:cellXfs count=\"4\">\n<s:xf/>"), "{text}");
            assert!(text.contains("fontId=\"1\"") && text.contains("fontId=\"2\""), "{text}");
            assert!(text.contains(&format!("<s:dxfs count=\"{}\">", rule + 2)), "{text}");
            assert!(text.ends_with("</s:dxfs><s:tableStyles/></s:styleSheet>"), "{text}");
        }
    }
}
