//! How a file tells its CRS to other programs.

use proj::Proj;
use proj::wkt::WktVersion;

use super::{Crs, CrsError};

/// How a file tells its CRS.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Its name in the EPSG dataset.
    pub name: String,
    /// Its EPSG code; CRS84 goes by 4326 in files, which all put x first.
    pub code: u32,
    /// Well-known text 1 (OGC 01-009), with the code of every part.
    pub wkt: String,
    /// Well-known text as ESRI's programs write it.
    pub esri_wkt: String,
    /// PROJJSON 0.7.
    pub projjson: serde_json::Value,
}

impl Crs {
    /// Its definition, from PROJ's database; `None` for the unofficial ones, which have none.
    ///
    /// # Errors
    /// PROJ does not know the CRS, or the notation cannot express it.
    pub fn definition(self) -> Result<Option<Definition>, CrsError> {
        let code = match self {
            Self::Crs84 => 4326,
            Self::Epsg(code) => code,
            Self::Gcj02 | Self::Bd09 => return Ok(None),
        };
        let failed = |reason: String| CrsError::Operation {
            from: self,
            to: self,
            reason,
        };
        let exported = |error: proj::ProjError| failed(error.to_string());
        let open = |name: &str| Proj::new(name).map_err(|error| failed(error.to_string()));
        let known = open(&format!("EPSG:{code}"))?;
        let json = open(&self.to_string())?
            .to_projjson(None, None, None)
            .map_err(exported)?;
        let projjson: serde_json::Value =
            serde_json::from_str(&json).map_err(|error| failed(error.to_string()))?;
        let wkt = |version| known.as_wkt(Some(version), None).map_err(exported);
        Ok(Some(Definition {
            name: projjson["name"].as_str().unwrap_or_default().to_owned(),
            code,
            wkt: wkt(WktVersion::Wkt1_Gdal)?,
            esri_wkt: wkt(WktVersion::Wkt1_Esri)?,
            projjson,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_tell_their_crs() {
        let grid = Crs::CGCS2000_GK_120.definition().expect("known");
        let grid = grid.expect("official");
        assert_eq!(grid.code, 4549);
        assert!(
            grid.wkt.starts_with("PROJCS[") && grid.wkt.contains(r#"["EPSG","4549"]"#),
            "{}",
            grid.wkt
        );
        assert!(
            grid.esri_wkt.contains("CGCS2000_3_Degree_GK_CM_120E"),
            "{}",
            grid.esri_wkt
        );
        assert_eq!(grid.projjson["id"]["code"], 4549);
        let storage = Crs::Crs84.definition().expect("known").expect("official");
        assert_eq!(
            (storage.code, &storage.projjson["id"]["code"]),
            (4326, &"CRS84".into())
        );
        assert_eq!(Crs::Gcj02.definition(), Ok(None));
        assert!(Crs::Epsg(1).definition().is_err());
    }
}
