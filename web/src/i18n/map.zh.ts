// The words of the map, its legend and its tools.

export const mapZh = {
  patterns: "用图案区分用地（不只靠颜色）",
  countHead: "视野内 / 全部",
  countInView: "视野内 {count} 项，共",
  countsTiles: "视野内：按已载入的图块计，每个项目只计一次。",
  countsServer: "视野内：图块未能画全的图层由服务器统计，其余按图块计。",
  countsAtLeast: "视野内：“≥”表示图块未能画全，至少有这么多。",
  zoomToSee: "放大到 1:{scale} 可见",
  nothingThere: "这个方向上没有项目",
  spoken: "{place}，比例尺约 {scale}，视野内 {count} 个项目",
  scaleOnScreen: "屏幕上的近似比例尺",
  gridGauss: "CGCS2000 三度带 120°",
  gridLonLat: "经纬度",
  gridSwitchHint: "切换地图坐标系：经纬度（网络墨卡托）/ CGCS2000 三度带高斯-克吕格（EPSG:4549）",
  seenList: "视野内的 {count} 个项目",
  seenTooMany: "视野内有 {count} 个项目，请缩小范围后逐个浏览。",
};
