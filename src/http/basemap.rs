//! `/basemap/{id}/{z}/{x}/{y}`: a raster map from elsewhere, handed on.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use tokio::time::timeout;

use super::answer::Answer;
use super::cache::Kept;
use super::params::{Params, Path};
use super::problem::Problem;
use super::state::App;
use super::upstream::{Upstream, UpstreamError};
use super::upstream_queue::Queue;
use crate::model::{Basemap, BasemapCrs, Plan};

/// How long browsers and this server keep a tile: services renew theirs every few months.
const DAY: u64 = 86_400;
const KEEP: &str = "public, max-age=86400";

/// The longest that somebody waits for a tile once it is asked for: the client itself gives up earlier, but for a name
/// that the system looks up for as long as it likes.
const PATIENCE: Duration = Duration::from_secs(15);

/// The base maps of a plan by id.
#[derive(Default)]
pub(super) struct Basemaps(HashMap<String, Source>);

struct Source {
    basemap: Basemap,
    /// None where its key is missing.
    upstream: Option<Arc<Upstream>>,
    queue: Arc<Queue>,
}

impl Basemaps {
    /// Reads their keys. One whose key is missing answers that it cannot be had.
    pub fn open(plan: &Plan) -> Self {
        let open = |basemap: &Basemap| {
            let upstream = Upstream::open(basemap)
                .inspect_err(|reason| tracing::error!(basemap = basemap.id, %reason, "no key"));
            let source = Source {
                basemap: basemap.clone(),
                upstream: upstream.ok().map(Arc::new),
                queue: Arc::default(),
            };
            (basemap.id.clone(), source)
        };
        Self(plan.basemaps.iter().map(open).collect())
    }
}

/// Looks for the keys of a plan's base maps, so that a server says at its start what is missing.
///
/// # Errors
/// The first that is missing.
pub fn check_basemaps(plan: &Plan) -> Result<(), String> {
    plan.basemaps.iter().try_for_each(|basemap| {
        let opened = Upstream::open(basemap);
        opened.map_err(|reason| format!("base map {:?}: {reason}", basemap.id))?;
        Ok(())
    })
}

/// `GET /basemap/{id}/{z}/{x}/{y}`
pub(super) async fn tile(
    State(app): State<App>,
    Path((id, z, x, y)): Path<(String, String, String, String)>,
    request: Request,
) -> Answer {
    Params::parse(request.uri().query())?.finish()?;
    let running = app.running();
    let known = running.basemaps.0.get(&id);
    let Source {
        basemap,
        upstream,
        queue,
    } = known.ok_or_else(|| {
        Problem::not_found_parameter("id", format!("there is no base map {id:?}"))
    })?;
    let z = number("z", &z)?;
    let (x, y) = (number("x", &x)?, number("y", &y)?);
    let z = u8::try_from(z)
        .ok()
        .filter(|z| (basemap.min_zoom..=basemap.max_zoom).contains(z));
    let z = z.ok_or_else(|| {
        let (least, most) = (basemap.min_zoom, basemap.max_zoom);
        Problem::not_found_parameter("z", format!("this base map has zooms {least} to {most}"))
    })?;
    // Baidu's grid is larger than the world.
    let beyond = basemap.crs != BasemapCrs::Bd09 && (x >> z != 0 || y >> z != 0);
    if beyond {
        let detail = format!("there is no tile {x}/{y} at zoom {z}");
        return Err(Problem::not_found_parameter("x", detail));
    }
    let upstream = upstream
        .as_ref()
        .ok_or_else(|| Problem::upstream("its key is not configured"))?;
    let key = cache_key(&id, upstream.place(), z, x, y);
    if let Some(kept) = app.cache().get(&key) {
        return Ok(kept.response(kept.body.clone()));
    }
    let kept = Arc::new(fetched(upstream.clone(), queue.clone(), &id, z, x, y).await?);
    app.cache().keep(&key, &kept);
    Ok(kept.response(kept.body.clone()))
}

/// No other key begins so.
const KEY: u8 = u8::MAX;

/// True for the key of a tile from elsewhere, which is in no version of the plan.
pub(super) fn is_key(key: &[u8]) -> bool {
    key.first() == Some(&KEY)
}

/// With the day in it a tile is as old as that; with the place, a plan that names another gets its tiles at once.
fn cache_key(id: &str, place: u64, z: u8, x: u32, y: u32) -> Vec<u8> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let day = now.map_or(0, |now| now.as_secs() / DAY);
    let mut key = vec![KEY];
    key.extend_from_slice(format!("{day}/{place:x}/{id}/{z}/{x}/{y}").as_bytes());
    key
}

fn number(name: &str, text: &str) -> Result<u32, Problem> {
    text.parse()
        .map_err(|_| Problem::parameter(name, format!("expected a whole number, found {text:?}")))
}

async fn fetched(
    upstream: Arc<Upstream>,
    queue: Arc<Queue>,
    id: &str,
    z: u8,
    x: u32,
    y: u32,
) -> Result<Kept, Problem> {
    let permit = queue.acquire().await?;
    let fetched = tokio::task::spawn_blocking(move || {
        // Held until the answer is here, whether or not somebody still waits for it.
        let _permit = permit;
        let picture = upstream.fetch(z, x, y);
        queue.note(!matches!(picture, Err(UpstreamError::Slow)));
        picture
    });
    let fetched = timeout(PATIENCE, fetched).await;
    let fetched = fetched.map_err(|_| Problem::upstream_slow())?;
    let picture = fetched.map_err(|error| Problem::failed(&error))?;
    let picture = picture.map_err(|reason| {
        tracing::warn!(basemap = id, z, x, y, %reason, "a base map's tile");
        match reason {
            UpstreamError::Slow => Problem::upstream_slow(),
            UpstreamError::Missing => Problem::not_found("the base map has no such tile"),
            // Its own words may tell more of where it is than a reader is to know.
            UpstreamError::Failed(_) => Problem::upstream("its server cannot be reached"),
            other => Problem::upstream(&other.to_string()),
        }
    })?;
    Ok(Kept {
        status: StatusCode::OK,
        headers: HeaderMap::from_iter([
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static(picture.media),
            ),
            (header::CACHE_CONTROL, HeaderValue::from_static(KEEP)),
        ]),
        body: picture.body,
    })
}
