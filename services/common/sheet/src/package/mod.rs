//! The package that a workbook is: a zip archive of XML parts, of which some are written anew and all
//! others stay byte for byte what they were.

mod cells;
mod columns;
mod rules;
mod sheet;
mod styles;
mod survey;
mod xml;

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use quick_xml::events::Event;
use quick_xml::reader::Reader;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

pub(crate) use cells::{Put, Puts, cut};
pub(crate) use rules::Rules;
pub(crate) use sheet::{Edit, edited};
pub(crate) use styles::styled;
pub(crate) use survey::Survey;

use xml::{attribute, local};

use crate::MOST_UNPACKED;

/// Why a workbook cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// What a new workbook cannot hold, such as more rows than Excel has.
    #[error(transparent)]
    New(#[from] rust_xlsxwriter::XlsxError),
    /// The archive that was sent.
    #[error(transparent)]
    Archive(#[from] zip::result::ZipError),
    /// A part of it.
    #[error(transparent)]
    Xml(#[from] quick_xml::Error),
    /// An element of a part.
    #[error(transparent)]
    Attribute(#[from] quick_xml::events::attributes::AttrError),
    /// The archive, while it is written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// What every workbook has and this one lacks.
    #[error("the workbook has no {0}")]
    Lacks(String),
}

/// A workbook as it was sent.
pub(crate) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// The part that names the sheets, such as `xl/workbook.xml`.
    workbook: String,
}

impl<'a> Package<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, WriteError> {
        let archive = ZipArchive::new(Cursor::new(bytes))?;
        let mut package = Self { archive, workbook: String::new() };
        let relations = package.relations("_rels/.rels", "")?;
        let main = relations.into_values().find(|(kind, _)| kind == "officeDocument");
        package.workbook = main.ok_or_else(|| lacks("main part"))?.1;
        Ok(package)
    }

    /// The text of a part.
    pub(crate) fn part(&mut self, name: &str) -> Result<String, WriteError> {
        let at = self.place(name).ok_or_else(|| lacks(name))?;
        let mut bytes = Vec::new();
        self.archive.by_index(at)?.take(MOST_UNPACKED).read_to_end(&mut bytes)?;
        let text = String::from_utf8(bytes).map_err(|_| lacks("text in UTF-8"))?;
        Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
    }

    /// The part that is the sheet of that name.
    pub(crate) fn sheet(&mut self, name: &str) -> Result<String, WriteError> {
        let text = self.part(&self.workbook.clone())?;
        let mut reader = Reader::from_str(&text);
        let id = loop {
            match reader.read_event()? {
                Event::Start(it) | Event::Empty(it)
                    if local(it.name().0) == "sheet"
                        && attribute(&it, "name")?.as_deref() == Some(name) =>
                {
                    break it.attributes().find_map(|it| {
                        let it = it.ok().filter(|it| local(it.key.0) == "id")?;
                        Some(it.value.into_owned())
                    });
                }
                Event::Eof => break None,
                _ => {}
            }
        };
        let mut relations = self.of_workbook()?;
        let part = id.and_then(|id| relations.remove(&id)).map(|(_, target)| target);
        part.ok_or_else(|| lacks(name))
    }

    /// The part that holds the styles.
    pub(crate) fn styles(&mut self) -> Result<String, WriteError> {
        let styles = self.of_workbook()?.into_values().find(|(kind, _)| kind == "styles");
        Ok(styles.ok_or_else(|| lacks("styles"))?.1)
    }

    /// The workbook with some parts written anew.
    pub(crate) fn with(mut self, parts: &BTreeMap<String, String>) -> Result<Vec<u8>, WriteError> {
        let places: BTreeMap<_, _> =
            parts.iter().filter_map(|(name, text)| Some((self.place(name)?, text))).collect();
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for at in 0..self.archive.len() {
            let file = self.archive.by_index_raw(at)?;
            let Some(text) = places.get(&at) else {
                writer.raw_copy_file(file)?;
                continue;
            };
            let options =
                SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
            writer.start_file(file.name()?, options)?;
            writer.write_all(text.as_bytes())?;
        }
        Ok(writer.finish()?.into_inner())
    }

    /// The names of its parts.
    #[cfg(test)]
    pub(crate) fn names(&self) -> Vec<String> {
        self.archive.file_names().map(|name| name.unwrap().into_owned()).collect()
    }

    fn of_workbook(&mut self) -> Result<BTreeMap<String, (String, String)>, WriteError> {
        let (folder, file) = self.workbook.rsplit_once('/').unwrap_or(("", &self.workbook));
        let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        self.relations(&format!("{folder}_rels/{file}.rels"), &folder)
    }

    /// What a part refers to: kind and target by id.
    fn relations(
        &mut self,
        part: &str,
        folder: &str,
    ) -> Result<BTreeMap<String, (String, String)>, WriteError> {
        let text = self.part(part)?;
        let mut reader = Reader::from_str(&text);
        let mut relations = BTreeMap::new();
        loop {
            match reader.read_event()? {
                Event::Start(it) | Event::Empty(it) if local(it.name().0) == "Relationship" => {
                    let [id, kind, target] =
                        ["Id", "Type", "Target"].map(|key| attribute(&it, key));
                    let (Some(id), Some(kind), Some(target)) = (id?, kind?, target?) else {
                        continue;
                    };
                    let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                    let target = match target.strip_prefix('/') {
                        Some(absolute) => absolute.to_owned(),
                        None => format!("{folder}{target}"),
                    };
                    relations.insert(id, (kind, target));
                }
                Event::Eof => return Ok(relations),
                _ => {}
            }
        }
    }

    /// The place of a part in the archive. Some programs write other slashes or capitals.
    fn place(&self, name: &str) -> Option<usize> {
        let is = |at: &usize| match self.archive.name_for_index(*at) {
            Some(Ok(other)) => other.replace('\\', "/").eq_ignore_ascii_case(name),
            _ => false,
        };
        (0..self.archive.len()).find(is)
    }
}

fn lacks(what: &str) -> WriteError {
    WriteError::Lacks(what.to_owned())
}
