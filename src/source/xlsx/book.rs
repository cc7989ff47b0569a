//! What a workbook has: its sheets, and where their parts are.

use std::collections::HashMap;

use quick_xml::events::Event;

use super::super::SourceError;
use super::super::held::Held;
use super::super::zip::Archive;
use super::parts::part;

/// A sheet of cells.
#[derive(Debug)]
pub(super) struct Sheet {
    pub name: String,
    /// Its part.
    pub part: String,
    pub hidden: bool,
}

/// A workbook.
#[derive(Debug)]
pub(super) struct Book {
    pub sheets: Vec<Sheet>,
    /// Parts of texts and of formats.
    pub strings: String,
    pub styles: String,
    /// Days are counted from 1904-01-01.
    pub from_1904: bool,
}

/// A part by the id under which another names it, with its type.
type Relations = HashMap<String, (String, String)>;

impl Book {
    pub fn open(held: &Held, archive: &mut Archive) -> Result<Self, SourceError> {
        let of_package = relations(held, archive, "")?;
        let book = of_package
            .into_values()
            .find(|(_, kind)| kind.ends_with("/officeDocument"));
        let (path, _) = book.ok_or_else(|| {
            held.broken("is no workbook: expected a part _rels/.rels that names one, found none")
        })?;
        let relations = relations(held, archive, &path)?;
        let by_type = |kind: &str| {
            let mut all = relations.values();
            let found = all.find(|(_, found)| found.ends_with(kind));
            found.map_or_else(String::new, |(part, _)| part.clone())
        };
        let mut found = Self {
            sheets: Vec::new(),
            strings: by_type("/sharedStrings"),
            styles: by_type("/styles"),
            from_1904: false,
        };
        let mut part = part(held, archive, &path)?
            .ok_or_else(|| held.broken(format!("is no workbook: it has no part {path}")))?;
        let mut buffer = Vec::new();
        loop {
            match part.next(&mut buffer)? {
                Event::Start(start) => match start.local_name().as_ref() {
                    "sheet" => {
                        let attribute = |name| part.attribute(&start, name);
                        let (name, id) = (attribute("name")?, attribute("id")?);
                        let hidden = attribute("state")?.is_some_and(|state| state != "visible");
                        let related = id.and_then(|id| relations.get(&id));
                        if let (Some(name), Some((part, kind))) = (name, related)
                            && kind.ends_with("/worksheet")
                        {
                            let part = part.clone();
                            found.sheets.push(Sheet { name, part, hidden });
                        }
                    }
                    "workbookPr" => {
                        let from = part.attribute(&start, "date1904")?;
                        found.from_1904 |= from.is_some_and(|from| from == "1" || from == "true");
                    }
                    _ => {}
                },
                Event::End(end) if end.local_name().as_ref() == "workbook" => return Ok(found),
                Event::Eof => return Err(part.cut("workbook")),
                _ => {}
            }
        }
    }
}

/// What a part names; of the package where it has no name.
fn relations(held: &Held, archive: &mut Archive, of: &str) -> Result<Relations, SourceError> {
    let (folder, file) = of.rsplit_once('/').unwrap_or(("", of));
    let name = resolved(folder, &format!("_rels/{file}.rels"));
    let mut relations = HashMap::new();
    let Some(mut part) = part(held, archive, &name)? else {
        return Ok(relations);
    };
    let mut buffer = Vec::new();
    loop {
        match part.next(&mut buffer)? {
            Event::Start(start) if start.local_name().as_ref() == "Relationship" => {
                let attribute = |name| part.attribute(&start, name);
                let (id, kind) = (attribute("Id")?, attribute("Type")?);
                if let (Some(id), Some(kind), Some(target)) = (id, kind, attribute("Target")?) {
                    relations.insert(id, (resolved(folder, &target), kind));
                }
            }
            Event::End(end) if end.local_name().as_ref() == "Relationships" => {
                return Ok(relations);
            }
            Event::Eof => return Err(part.cut("Relationships")),
            _ => {}
        }
    }
}

/// The path of a part that is named from a folder: within the archive, whatever it says.
fn resolved(folder: &str, target: &str) -> String {
    let from = if target.starts_with('/') { "" } else { folder };
    let mut path: Vec<&str> = Vec::new();
    for step in from.split('/').chain(target.split('/')) {
        match step {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            step => path.push(step),
        }
    }
    path.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stay_within_the_archive() {
        for (folder, target, expected) in [
            ("xl", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "/xl/styles.xml", "xl/styles.xml"),
            ("xl/worksheets", "../tables/a.xml", "xl/tables/a.xml"),
            ("", "../../etc/passwd", "etc/passwd"),
            ("", "_rels/.rels", "_rels/.rels"),
        ] {
            assert_eq!(resolved(folder, target), expected);
        }
    }
}
