//! CRSs by reference (OGC API Features Part 2).

use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

use super::problem::Problem;
use crate::crs::{Crs, Reprojector};
use crate::model::Feature;

/// The response header that names the CRS of the coordinates (Part 2, section 7.2.5).
pub(super) const CONTENT_CRS: HeaderName = HeaderName::from_static("content-crs");

/// Converts the geometries, with the axes in the authority's order.
pub(super) fn convert(features: &mut [Feature], crs: Crs) -> Result<(), Problem> {
    if crs == Crs::Crs84 {
        return Ok(());
    }
    let to = Reprojector::new(Crs::Crs84, crs).map_err(|error| Problem::failed(&error))?;
    for feature in features {
        if let Some(geometry) = &mut feature.geometry {
            *geometry = to.to_authority(geometry).map_err(|error| {
                Problem::parameter("crs", to.failed_at(&feature.id.text(), error))
            })?;
        }
    }
    Ok(())
}

/// Names the CRS of the answer.
pub(super) fn named(mut response: Response, crs: Crs) -> Response {
    let value = HeaderValue::from_str(&format!("<{}>", crs.uri()));
    response
        .headers_mut()
        .insert(CONTENT_CRS, value.unwrap_or(HeaderValue::from_static("")));
    response
}
