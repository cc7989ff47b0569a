//! The schemas of answers, in the JSON Schema of OpenAPI 3.0.

use serde_json::{Value as Json, json};

/// By name.
pub(super) fn schemas() -> Json {
    let mut all = documents();
    for more in [statistics(), search()] {
        if let (Some(all), Json::Object(more)) = (all.as_object_mut(), more) {
            all.extend(more);
        }
    }
    all
}

/// What a search found.
fn search() -> Json {
    let links = json!({ "type": "array", "items": reference("link") });
    let string = json!({ "type": "string" });
    let count = json!({ "type": "integer", "minimum": 0 });
    json!({
        "search": {
            "type": "object",
            "required": ["q", "numberMatched", "numberReturned", "collections", "results", "links"],
            "properties": {
                "q": string,
                "numberMatched": count,
                "numberReturned": count,
                "collections": { "type": "array", "items": { "type": "object", "required": ["id", "title", "numberMatched", "numberMatchedByName"], "properties": {
                    "id": string, "title": reference("text"), "numberMatched": count, "numberMatchedByName": count,
                } } },
                "results": { "type": "array", "items": { "type": "object", "required": ["collection", "id", "name", "match", "label", "links"], "properties": {
                    "collection": string,
                    "id": { "oneOf": [{ "type": "string" }, { "type": "integer" }] },
                    "name": { "type": "object", "properties": { "zh": { "type": "string", "nullable": true }, "en": { "type": "string", "nullable": true } } },
                    "kind": { "type": "object", "nullable": true },
                    "match": { "type": "string", "enum": ["exact", "start", "within", "sound", "code"] },
                    "column": string,
                    "value": string,
                    "label": { "type": "array", "nullable": true, "minItems": 2, "maxItems": 2, "items": { "type": "number" } },
                    "links": links,
                } } },
                "links": links,
            },
        },
    })
}

/// A feature of a tile.
fn tile_feature() -> Json {
    json!({
        "type": "object",
        "description": "A part of a feature, with its id; or of several that are merged, with `merged`, `count` and `area_m2` and without an id",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": { "type": "string", "enum": ["Feature"] },
            "id": { "oneOf": [{ "type": "string" }, { "type": "integer" }] },
            "geometry": reference("geometry"),
            "properties": { "type": "object", "description": "The columns that tiles carry" },
        },
    })
}

/// What a tile did with a collection.
fn tile_account() -> Json {
    let count = |what: &str| json!({ "type": "integer", "minimum": 0, "description": what });
    json!({ "type": "object", "properties": {
        "matched": count("Features that were asked for and meet the tile"),
        "returned": count("Shown as they are"),
        "merged": count("Too small or too many to be shown alone: shown together, by features without an id that have the properties merged, count, area_m2 and their class"),
        "tooSmall": count("Too small to be shown even together"),
        "thinned": count("Left out because the tile is full"),
        "belowMinZoom": count("Left out below the collection's lowest zoom"),
    } })
}

fn documents() -> Json {
    let links = json!({ "type": "array", "items": reference("link") });
    let text = json!({ "type": "object", "required": ["zh", "en"], "properties": { "zh": { "type": "string" }, "en": { "type": "string" } } });
    let string = json!({ "type": "string" });
    let count = json!({ "type": "integer", "minimum": 0 });
    json!({
        "object": { "type": "object" },
        "jsonSchema": { "type": "object", "required": ["$schema", "$id", "type", "properties"], "properties": { "properties": { "type": "object" } } },
        "link": {
            "type": "object",
            "required": ["rel", "href"],
            "properties": { "rel": string, "href": string, "type": string, "title": string, "hreflang": string, "templated": { "type": "boolean" } },
        },
        "text": text,
        "problem": {
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": { "type": string, "title": string, "status": { "type": "integer" }, "detail": string, "parameter": { "type": "string", "description": "The parameter at fault" } },
        },
        "landingPage": {
            "type": "object",
            "required": ["title", "links"],
            "properties": { "title": string, "description": string, "titles": reference("text"), "version": string, "links": links },
        },
        "conformance": { "type": "object", "required": ["conformsTo"], "properties": { "conformsTo": { "type": "array", "items": string } } },
        "collections": {
            "type": "object",
            "required": ["collections", "links"],
            "properties": { "collections": { "type": "array", "items": reference("collection") }, "links": links },
        },
        "collection": {
            "type": "object",
            "required": ["id", "links"],
            "properties": {
                "id": string, "title": string, "titles": reference("text"), "description": string, "descriptions": reference("text"),
                "itemType": { "type": "string", "enum": ["feature"] },
                "crs": { "type": "array", "items": string }, "storageCrs": string,
                "extent": extent(),
                "numberOfFeatures": count, "withoutGeometry": count, "links": links,
            },
        },
        "geometry": {
            "type": "object",
            "nullable": true,
            "description": "RFC 7946; null where nobody could locate the feature",
            "required": ["type"],
            "properties": { "type": { "type": "string", "enum": ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"] } },
        },
        "feature": {
            "type": "object",
            "required": ["type", "id", "geometry", "properties"],
            "properties": {
                "type": { "type": "string", "enum": ["Feature"] },
                "id": { "oneOf": [string, { "type": "integer" }] },
                "geometry": reference("geometry"),
                "properties": { "type": "object", "description": "Every column; null where the plan does not say" },
                "findings": { "type": "array", "items": { "type": "object", "required": ["check", "severity", "reason"], "properties": {
                    "check": string, "severity": { "type": "string", "enum": ["warning", "error"] }, "column": string, "reason": string,
                } } },
                "links": links,
            },
        },
        "featureCollection": {
            "type": "object",
            "required": ["type", "features", "numberMatched", "numberReturned", "links"],
            "properties": {
                "type": { "type": "string", "enum": ["FeatureCollection"] },
                "features": { "type": "array", "items": reference("feature") },
                "numberMatched": count, "numberReturned": count, "links": links,
            },
        },
        "tileFeature": tile_feature(),
        "tile": {
            "type": "object",
            "required": ["type", "features", "numberMatched", "numberReturned", "collections"],
            "properties": {
                "type": { "type": "string", "enum": ["FeatureCollection"] },
                "features": { "type": "array", "items": reference("tileFeature") },
                "numberMatched": { "type": "integer", "description": "Features that were asked for and meet the tile" },
                "numberReturned": { "type": "integer", "description": "Features that it shows as they are" },
                "links": links,
                "collections": { "type": "object", "additionalProperties": tile_account() },
            },
        },
        "tileSets": { "type": "object", "required": ["tilesets"], "properties": { "tilesets": { "type": "array", "items": reference("tileSet") }, "links": links } },
        "tileSet": {
            "type": "object",
            "required": ["dataType", "crs", "links"],
            "properties": { "title": string, "tileMatrixSetId": string, "dataType": { "type": "string", "enum": ["vector"] }, "crs": string, "tileMatrixSetURI": string, "links": links, "layers": { "type": "array", "items": { "type": "object" } } },
        },
        "tileMatrixSets": { "type": "object", "required": ["tileMatrixSets"], "properties": { "tileMatrixSets": { "type": "array", "items": { "type": "object", "required": ["links"], "properties": { "id": string, "title": string, "uri": string, "crs": string, "links": links } } } } },
        "tileMatrixSet": {
            "type": "object",
            "required": ["id", "crs", "tileMatrices"],
            "properties": { "id": string, "title": string, "uri": string, "crs": string, "wellKnownScaleSet": string, "tileMatrices": { "type": "array", "items": { "type": "object", "required": ["id", "scaleDenominator", "cellSize", "pointOfOrigin", "tileWidth", "tileHeight", "matrixWidth", "matrixHeight"] } } },
        },
    })
}

/// OGC API Features Part 1, 7.13.2.
fn extent() -> Json {
    let bbox =
        json!({ "type": "array", "minItems": 4, "maxItems": 6, "items": { "type": "number" } });
    let end = json!({ "type": "string", "format": "date-time", "nullable": true });
    let interval = json!({ "type": "array", "minItems": 2, "maxItems": 2, "items": end });
    json!({
        "type": "object",
        "properties": {
            "spatial": { "type": "object", "properties": {
                "bbox": { "type": "array", "minItems": 1, "items": bbox },
                "crs": { "type": "string" },
            } },
            "temporal": { "type": "object", "properties": {
                "interval": { "type": "array", "minItems": 1, "items": interval },
                "trs": { "type": "string" },
            } },
        },
    })
}

fn reference(schema: &str) -> Json {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn statistics() -> Json {
    let string = json!({ "type": "string" });
    let count = json!({ "type": "integer", "minimum": 0 });
    let figure = json!({ "type": "number", "nullable": true, "description": "null where no row states a number" });
    let links = json!({ "type": "array", "items": reference("link") });
    json!({
        "columnStatistics": {
            "type": "object",
            "required": ["column", "stated", "nulls", "sum", "min", "max", "mean", "median"],
            "properties": {
                "column": string, "title": reference("text"), "unit": { "type": "string", "nullable": true },
                "stated": count, "nulls": count,
                "sum": figure, "min": figure, "max": figure, "mean": figure, "median": figure,
                "quantiles": { "type": "array", "items": { "type": "object", "required": ["probability", "value"], "properties": { "probability": { "type": "number" }, "value": figure } } },
                "histogram": { "type": "array", "items": { "type": "object", "required": ["low", "high", "count"], "properties": { "low": figure, "high": figure, "count": count } } },
                "below": count, "above": count,
            },
        },
        "statistics": {
            "type": "object",
            "required": ["collection", "numberMatched", "columns", "links"],
            "properties": {
                "collection": string, "numberMatched": count, "columns": { "type": "array", "items": reference("columnStatistics") },
                "groupBy": { "type": "object", "required": ["column", "title"], "properties": { "column": string, "title": reference("text") } },
                "groups": { "type": "array", "items": { "type": "object", "required": ["value", "numberMatched", "columns"], "properties": {
                    "value": { "nullable": true }, "numberMatched": count, "columns": { "type": "array", "items": reference("columnStatistics") },
                } } },
                "links": links,
            },
        },
    })
}
