use geo::Coord;

/// Coordinates as they come, and where lines and polygons end among them.
#[derive(Debug, Default)]
pub(crate) struct Nested {
    pub positions: Vec<Coord<f64>>,
    /// In positions.
    pub lines: Vec<usize>,
    /// In lines.
    pub polygons: Vec<usize>,
    pub heights: bool,
}

impl Nested {
    pub fn clear(&mut self) {
        self.positions.clear();
        self.lines.clear();
        self.polygons.clear();
    }
}

/// What lies between two ends: the positions of a line, the lines of a polygon.
pub(crate) fn span(ends: &[usize], at: usize) -> std::ops::Range<usize> {
    at.checked_sub(1).map_or(0, |before| ends[before])..ends[at]
}
