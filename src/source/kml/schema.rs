use std::collections::HashMap;

use super::SourceError;
use super::xml::{Element, Xml};

/// Elements that a file's schemas have named: in KML 2.0 a placemark may be called otherwise, and its data be elements.
#[derive(Debug, Default)]
pub(super) struct Schemas(HashMap<String, Vec<String>>);

impl Schemas {
    /// Reads a schema that has just begun. One of KML 2.2, which has no parent, names no element.
    pub fn read(&mut self, xml: &mut Xml, start: &Element) -> Result<(), SourceError> {
        let mut name = start.attribute("name").map(str::to_owned);
        let mut parent = start.attribute("parent").map(str::to_owned);
        let mut fields = Vec::new();
        while let Some(child) = xml.child()? {
            match child.name.as_str() {
                "name" => name = Some(xml.text()?.trim().to_owned()),
                "parent" => parent = Some(xml.text()?.trim().to_owned()),
                _ => {
                    if child.name.starts_with("Simple") {
                        fields.extend(child.attribute("name").map(str::to_owned));
                    }
                    xml.skip()?;
                }
            }
        }
        let Some((name, parent)) = name.zip(parent) else {
            return Ok(());
        };
        // A schema may add fields to another one's.
        let inherited = self.0.get(&parent).cloned();
        if parent == "Placemark" || inherited.is_some() {
            fields.extend(inherited.unwrap_or_default());
            self.0.insert(name, fields);
        }
        Ok(())
    }

    /// The fields of a placemark that is called so; none where it is no placemark.
    pub fn fields(&self, name: &str) -> Option<&[String]> {
        self.0.get(name).map(Vec::as_slice)
    }
}
