//! The order and the unit of a CRS's axes, from PROJ's database.

use std::cell::RefCell;
use std::collections::HashMap;

use proj::Proj;

use super::{Crs, CrsError};

thread_local! {
    static AXES: RefCell<HashMap<Crs, Axes>> = RefCell::default();
}

/// What has to be known of a CRS's axes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axes {
    northing_first: bool,
    pub(super) degrees: bool,
    /// The CRS of the degrees that it is made of, or itself, where that is one of [`SAME_DATUM`].
    pub(super) geographic: Option<Crs>,
}

/// WGS 84 and CGCS2000, of which PROJ knows no operation but to take one for the other: they agree to some
/// centimetres, and no more is known.
const SAME_DATUM: [Crs; 2] = [Crs::Epsg(4326), Crs::Epsg(4490)];

impl Crs {
    /// True where the authority gives latitude or northing before longitude or easting.
    ///
    /// # Errors
    /// PROJ does not know the CRS.
    pub fn northing_first(self) -> Result<bool, CrsError> {
        Ok(self.axes()?.northing_first)
    }

    /// Decimals at which a coordinate is finer than a tenth of a millimetre.
    ///
    /// # Errors
    /// PROJ does not know the CRS.
    pub fn decimals(self) -> Result<i32, CrsError> {
        Ok(if self.axes()?.degrees { 9 } else { 4 })
    }

    pub(super) fn axes(self) -> Result<Axes, CrsError> {
        let Self::Epsg(_) = self else {
            return Ok(Axes {
                northing_first: false,
                degrees: true,
                geographic: Some(Crs::Epsg(4326)),
            });
        };
        AXES.with_borrow_mut(|known| {
            if let Some(axes) = known.get(&self) {
                return Ok(*axes);
            }
            let axes = axes(self)?;
            known.insert(self, axes);
            Ok(axes)
        })
    }
}

/// Reads the axes in PROJ's database.
fn axes(crs: Crs) -> Result<Axes, CrsError> {
    let failed = |reason: String| CrsError::Operation {
        from: crs,
        to: crs,
        reason,
    };
    let known = Proj::new(&crs.to_string()).map_err(|_| CrsError::NotListed(crs))?;
    let json = known
        .to_projjson(None, None, None)
        .map_err(|error| failed(error.to_string()))?;
    let json: serde_json::Value =
        serde_json::from_str(&json).map_err(|error| failed(error.to_string()))?;
    let axis = json.pointer("/coordinate_system/axis/0");
    let axis = axis.ok_or_else(|| failed("it has no axes".to_owned()))?;
    let code = json
        .pointer("/base_crs/id/code")
        .or(json.pointer("/id/code"));
    let code = code
        .and_then(serde_json::Value::as_u64)
        .and_then(|code| u32::try_from(code).ok());
    let geographic = code.map(Crs::Epsg).filter(|crs| SAME_DATUM.contains(crs));
    Ok(Axes {
        northing_first: axis["direction"] == "north",
        degrees: axis["unit"] == "degree",
        geographic,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The EPSG dataset's own axis orders, as published for each code.
    #[test]
    fn axes_are_the_authority_s() {
        for (code, northing) in [
            (4326, true),
            (4490, true),
            (4549, true),
            (4528, true),
            (3857, false),
            (32651, false),
            (2154, false),
        ] {
            assert_eq!(
                Crs::Epsg(code).northing_first(),
                Ok(northing),
                "EPSG:{code}"
            );
        }
        assert_eq!(Crs::Crs84.northing_first(), Ok(false));
        assert!(Crs::Epsg(1).northing_first().is_err());
    }
}
