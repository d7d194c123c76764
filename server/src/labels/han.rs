//! The Chinese face of labels. It is part of the program, and a file carries the glyphs that it shows, so that labels
//! look the same on every computer and printer.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::OnceLock;

use flate2::read::GzDecoder;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str};
use subsetter::GlyphRemapper;
use ttf_parser::Face;

use super::pdf::packed;
use crate::error::Error;

static PACKED: &[u8] = include_bytes!("../../fonts/DroidSansFallback.ttf.gz");

/// Unpacked when the first label is printed: 3.5 MB.
static FONT: OnceLock<Vec<u8>> = OnceLock::new();

/// Six capitals before the name say that it is not the whole face.
const NAME: &[u8] = b"FETTLE+DroidSansFallback";
const IDENTITY: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("the font of labels: {error}"))
}

fn font() -> Result<&'static [u8], Error> {
    if let Some(font) = FONT.get() {
        return Ok(font);
    }
    let mut unpacked = Vec::new();
    GzDecoder::new(PACKED).read_to_end(&mut unpacked).map_err(failed)?;
    Ok(FONT.get_or_init(|| unpacked))
}

/// The five objects of the face in a file.
#[derive(Debug, Clone, Copy)]
pub struct Refs {
    pub font: Ref,
    pub cid: Ref,
    pub descriptor: Ref,
    pub program: Ref,
    pub to_unicode: Ref,
}

/// The face, and which of its glyphs a file shows.
pub struct Han {
    face: Face<'static>,
    glyphs: GlyphRemapper,
    /// By the number that a glyph has in the file: what it stands for, and how wide it is.
    shown: BTreeMap<u16, (char, f32)>,
}

impl Han {
    /// The face with no glyph in use.
    ///
    /// # Errors
    /// A program that was built with a damaged font.
    pub fn open() -> Result<Self, Error> {
        let face = Face::parse(font()?, 0).map_err(failed)?;
        Ok(Self { face, glyphs: GlyphRemapper::new(), shown: BTreeMap::new() })
    }

    /// Whether anything was set in it.
    pub fn is_used(&self) -> bool {
        !self.shown.is_empty()
    }

    /// A run as the file wants it, two bytes a glyph. What the face does not have is its empty box.
    pub fn bytes(&mut self, run: &str) -> Vec<u8> {
        run.chars().flat_map(|c| self.glyph(c).to_be_bytes()).collect()
    }

    fn glyph(&mut self, c: char) -> u16 {
        let old = self.face.glyph_index(c).unwrap_or_default();
        let new = self.glyphs.remap(old.0);
        let advance = self.face.glyph_hor_advance(old).unwrap_or(self.face.units_per_em());
        let width = f32::from(advance) * 1_000.0 / f32::from(self.face.units_per_em());
        self.shown.entry(new).or_insert((c, width));
        new
    }

    /// Writes the face with the glyphs that were used.
    ///
    /// # Errors
    /// A font that cannot be cut down.
    pub fn write(&self, pdf: &mut Pdf, refs: Refs) -> Result<(), Error> {
        pdf.type0_font(refs.font)
            .base_font(Name(NAME))
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(refs.cid)
            .to_unicode(refs.to_unicode);
        let mut cid = pdf.cid_font(refs.cid);
        cid.subtype(CidFontType::Type2)
            .base_font(Name(NAME))
            .system_info(IDENTITY)
            .font_descriptor(refs.descriptor)
            .default_width(1_000.0)
            .cid_to_gid_map_predefined(Name(b"Identity"));
        let mut widths = cid.widths();
        for (glyph, (_, width)) in &self.shown {
            widths.consecutive(*glyph, [*width]);
        }
        widths.finish();
        cid.finish();
        self.describe(pdf, refs);
        let program = subsetter::subset(font()?, 0, &self.glyphs).map_err(failed)?;
        pdf.stream(refs.program, &packed(&program)?).filter(Filter::FlateDecode);
        let mut letters = UnicodeCmap::new(Name(b"Letters"), IDENTITY);
        for (glyph, (c, _)) in &self.shown {
            letters.pair(*glyph, *c);
        }
        pdf.stream(refs.to_unicode, &packed(&letters.finish())?).filter(Filter::FlateDecode);
        Ok(())
    }

    fn describe(&self, pdf: &mut Pdf, refs: Refs) {
        let scaled = |units: i16| f32::from(units) * 1_000.0 / f32::from(self.face.units_per_em());
        let bounds = self.face.global_bounding_box();
        let (left, right) = (scaled(bounds.x_min), scaled(bounds.x_max));
        pdf.font_descriptor(refs.descriptor)
            .name(Name(NAME))
            .flags(FontFlags::SYMBOLIC)
            .bbox(Rect::new(left, scaled(bounds.y_min), right, scaled(bounds.y_max)))
            .italic_angle(0.0)
            .ascent(scaled(self.face.ascender()))
            .descent(scaled(self.face.descender()))
            .cap_height(scaled(self.face.ascender()))
            .stem_v(80.0)
            .font_file2(refs.program);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_face_has_every_common_character_and_what_stands_beside_them() {
        let mut han = Han::open().unwrap();
        let common = ('\u{4e00}'..='\u{9fa5}').chain("（）：，。、《》！？；".chars());
        let missing: Vec<char> = common.filter(|c| han.face.glyph_index(*c).is_none()).collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert_eq!(han.bytes("门门轮"), [0, 1, 0, 1, 0, 2]);
    }

    #[test]
    fn a_file_carries_the_glyphs_that_it_shows_and_no_others() {
        let mut han = Han::open().unwrap();
        assert!(!han.is_used());
        han.bytes("门滑轮组件");
        let program = subsetter::subset(font().unwrap(), 0, &han.glyphs).unwrap();
        let cut = Face::parse(&program, 0).unwrap();
        assert!(han.is_used());
        // Five, the empty box, and what they are put together from.
        assert!((6..20).contains(&cut.number_of_glyphs()), "{}", cut.number_of_glyphs());
        assert!(program.len() < 20_000, "{}", program.len());
    }
}
