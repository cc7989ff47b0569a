import type { mapZh } from "./map.zh";

export const mapEn: Record<keyof typeof mapZh, string> = {
  patterns: "Tell land uses apart by patterns, not by colour alone",
  countHead: "in view / in all",
  countInView: "{count} in view, of",
  countsTiles: "In view: counted from the loaded tiles, each project once.",
  countsServer:
    "In view: layers that the tiles cannot show in full are counted by the server, the others from the tiles.",
  countsAtLeast: "In view: with ≥ the tiles could not show everything; there are at least so many.",
  zoomToSee: "Shown from 1:{scale}: zoom in",
  nothingThere: "No project in that direction",
  spoken: "{place}, scale about {scale}, {count} projects in view",
  scaleOnScreen: "Approximate scale on a screen",
  gridGauss: "CGCS2000 zone CM 120°",
  gridLonLat: "Lon/lat",
  gridSwitchHint:
    "Switch the map's coordinates: longitude and latitude (Web Mercator) or CGCS2000 3-degree Gauss-Krüger (EPSG:4549)",
  seenList: "{count} projects in view",
  seenTooMany: "{count} projects in view: zoom in to go through them one by one.",
  tools: "Tools",
  toolLength: "Measure a distance",
  toolArea: "Measure an area",
  toolCompare: "Compare two projects",
  toolSwipe: "Swipe between two views",
  toolPrint: "Print to scale",
  toolShare: "Share",
  toolKeys: "Keyboard shortcuts",
  offline: "Offline: showing what was loaded before (plan of {issued}). What needs the server waits.",
  basemap: "Base map",
  basemapNone: "None",
  basemapFailed: 'The base map "{title}" could not be loaded and is left out.',
};
