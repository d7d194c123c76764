//! Where labels are on their pages, in millimetres from the upper left corner.

db::text_enum! {
    /// What is printed on.
    pub enum Layout {
        /// A4, three by eight labels without gaps.
        Sheet => "sheet",
        /// One label a page.
        Roll => "roll",
    }
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    pub left: f32,
    pub top: f32,
    pub width: f32,
    pub height: f32,
}

impl Area {
    /// What is left inside of it.
    pub fn inset(self, by: f32) -> Self {
        Self {
            left: self.left + by,
            top: self.top + by,
            width: self.width - 2.0 * by,
            height: self.height - 2.0 * by,
        }
    }
}

impl Layout {
    /// Width and height of a page.
    pub const fn page(self) -> (f32, f32) {
        match self {
            Self::Sheet => (210.0, 297.0),
            Self::Roll => (57.0, 32.0),
        }
    }

    /// Columns and rows.
    const fn grid(self) -> (usize, usize) {
        match self {
            Self::Sheet => (3, 8),
            Self::Roll => (1, 1),
        }
    }

    /// Labels on a page.
    pub const fn labels(self) -> usize {
        let (columns, rows) = self.grid();
        columns * rows
    }

    /// Printers do not reach the edge of a sheet, and cutters miss by a little.
    pub const fn margin(self) -> f32 {
        match self {
            Self::Sheet => 5.0,
            Self::Roll => 2.0,
        }
    }

    /// The label at this place of a page, row by row.
    pub fn label(self, place: usize) -> Area {
        let ((width, height), (columns, rows)) = (self.page(), self.grid());
        let (width, height) = (width / columns as f32, height / rows as f32);
        let (column, row) = (place % columns, place / columns);
        Area { left: column as f32 * width, top: row as f32 * height, width, height }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_fill_their_page_and_do_not_overlap() {
        for layout in Layout::ALL {
            let areas: Vec<Area> = (0..layout.labels()).map(|place| layout.label(place)).collect();
            let covered: f32 = areas.iter().map(|area| area.width * area.height).sum();
            let (width, height) = layout.page();
            assert!((covered - width * height).abs() < 0.1);
            let last = areas[areas.len() - 1];
            assert!(
                (last.left + last.width - width).abs() < 0.01
                    && (last.top + last.height - height).abs() < 0.01
            );
        }
    }
}
