use geo::Geometry;

use super::SourceError;
use super::shapes::{self, Flat};
use super::xml::{Element, Xml};

/// Elements of a placemark that are columns where any has them, and the folders that it is in.
pub(super) const ELEMENTS: [&str; 8] = [
    "name",
    "description",
    "address",
    "phoneNumber",
    "when",
    "begin",
    "end",
    "folder",
];

/// A placemark as its file has it.
#[derive(Debug)]
pub(super) struct Placemark {
    pub id: Option<String>,
    /// As [`ELEMENTS`].
    pub elements: [Option<String>; ELEMENTS.len()],
    /// Names and texts of the extended data.
    pub data: Vec<(String, String)>,
    pub geometry: Result<Option<Geometry<f64>>, String>,
    pub flattened: bool,
    /// Names of elements that are left out.
    pub left: Vec<String>,
    /// What makes it no record.
    pub fault: Option<String>,
}

/// How a thing is drawn and from where it is looked at, which is no data.
pub(super) fn draws(name: &str) -> bool {
    matches!(
        name,
        "styleUrl"
            | "Style"
            | "StyleMap"
            | "LookAt"
            | "Camera"
            | "Region"
            | "visibility"
            | "open"
            | "snippet"
            | "Snippet"
            | "balloonVisibility"
            | "author"
            | "link"
    )
}

impl Placemark {
    /// Reads an element that has just begun.
    ///
    /// `fields` are the elements that its schema declares: it is an element of KML 2.0 that a schema has named.
    pub fn read(
        xml: &mut Xml,
        start: &Element,
        folders: &[String],
        fields: &[String],
    ) -> Result<Self, SourceError> {
        let mut own = Self {
            id: start
                .attribute("id")
                .filter(|id| !id.is_empty())
                .map(str::to_owned),
            elements: Default::default(),
            data: Vec::new(),
            geometry: Ok(None),
            flattened: false,
            left: Vec::new(),
            fault: None,
        };
        let named: Vec<_> = folders.iter().filter(|name| !name.is_empty()).collect();
        if !named.is_empty() {
            let path: Vec<_> = named.iter().map(|name| name.as_str()).collect();
            own.put("folder", path.join("/"));
        }
        let mut places = 0;
        while let Some(child) = xml.child()? {
            match child.name.as_str() {
                "TimeStamp" | "TimeSpan" => own.times(xml)?,
                "ExtendedData" => own.extended(xml)?,
                name if shapes::is_shape(name) => {
                    places += 1;
                    let mut flat = Flat::default();
                    own.geometry = shapes::read(xml, name, &mut flat, 0)?;
                    own.flattened = flat.flattened;
                    own.left.append(&mut flat.left);
                }
                name if !ELEMENTS.contains(&name) && fields.iter().any(|field| field == name) => {
                    let text = xml.text()?;
                    own.data.push((child.name, text.trim().to_owned()));
                }
                name if draws(name) => xml.skip()?,
                name if ELEMENTS[..4].contains(&name) => {
                    let text = xml.text()?;
                    own.put(name, text.trim().to_owned());
                }
                _ => {
                    xml.skip()?;
                    own.left.push(child.name);
                }
            }
        }
        if places > 1 {
            own.fault = Some(format!("expected one geometry, found {places}"));
        }
        Ok(own)
    }

    fn put(&mut self, name: &str, text: String) {
        let Some(at) = ELEMENTS.iter().position(|known| *known == name) else {
            return;
        };
        if self.elements[at].replace(text).is_some() {
            self.fault = Some(format!("expected one element {name}, found two"));
        }
    }

    fn times(&mut self, xml: &mut Xml) -> Result<(), SourceError> {
        while let Some(child) = xml.child()? {
            let text = xml.text()?;
            self.put(&child.name, text.trim().to_owned());
        }
        Ok(())
    }

    /// `Data` has its text in a `value`, `SimpleData` in itself.
    fn extended(&mut self, xml: &mut Xml) -> Result<(), SourceError> {
        while let Some(child) = xml.child()? {
            let name = child.attribute("name").map(str::to_owned);
            match (child.name.as_str(), name) {
                ("SchemaData", _) => self.extended(xml)?,
                ("SimpleData", Some(name)) => {
                    let text = xml.text()?;
                    self.data.push((name, text));
                }
                ("Data", Some(name)) => {
                    let mut text = String::new();
                    while let Some(part) = xml.child()? {
                        match part.name.as_str() {
                            "value" => text = xml.text()?,
                            _ => xml.skip()?,
                        }
                    }
                    self.data.push((name, text));
                }
                (other, _) => {
                    self.left.push(format!("{other} in ExtendedData"));
                    xml.skip()?;
                }
            }
        }
        Ok(())
    }
}
