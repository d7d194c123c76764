//! Draws labels: a symbol and what people read beside it, or under it where it is lines.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str};

use super::han::{Han, Refs};
use super::page::Area;
use super::symbol::{Modules, Symbol};
use super::text::{self, Face};
use super::{Label, Style};
use crate::error::{Error, Problem};

/// Points in a millimetre.
const POINT: f32 = 72.0 / 25.4;

const REGULAR: Name<'static> = Name(b"F1");
const BOLD: Name<'static> = Name(b"F2");
const HAN: Name<'static> = Name(b"F3");

/// Sizes of type, in points.
const NUMBER: f32 = 11.0;
const NAME: f32 = 8.0;
/// From one line to the next, in sizes.
const LEADING: f32 = 1.2;

/// Draws all labels, a page after the other; an empty one if there are none.
pub fn draw(labels: &[Label], style: Style) -> Result<Vec<u8>, Error> {
    let mut file = File::new(style)?;
    let places = style.layout.labels();
    let mut places_left = places - style.skip;
    let mut rest = labels;
    loop {
        let (now, later) = rest.split_at(rest.len().min(places_left));
        let mut content = Content::new();
        for (index, label) in now.iter().enumerate() {
            let area = style.layout.label(places - places_left + index);
            let page_height = style.layout.page().1;
            Pen { content: &mut content, page_height, han: &mut file.han }.label(label, area, style)?;
        }
        file.page(&content.finish())?;
        (rest, places_left) = (later, places);
        if rest.is_empty() {
            return file.finish();
        }
    }
}

struct File {
    pdf: Pdf,
    style: Style,
    han: Han,
    pages: Vec<Ref>,
    next: i32,
}

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const FONTS: [Ref; 2] = [Ref::new(3), Ref::new(4)];
const OF_HAN: Refs = Refs {
    font: Ref::new(5),
    cid: Ref::new(6),
    descriptor: Ref::new(7),
    program: Ref::new(8),
    to_unicode: Ref::new(9),
};
const FIRST_PAGE: i32 = 10;

/// Bytes as they are in the file.
///
/// # Errors
/// None that is known.
pub(super) fn packed(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let failed = |e: std::io::Error| Error::Internal(e.to_string());
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes).map_err(failed)?;
    packed.finish().map_err(failed)
}

impl File {
    fn new(style: Style) -> Result<Self, Error> {
        let mut pdf = Pdf::new();
        pdf.catalog(CATALOG).pages(PAGES);
        let win_ansi = Name(b"WinAnsiEncoding");
        pdf.type1_font(FONTS[0]).base_font(Name(b"Helvetica")).encoding_predefined(win_ansi);
        pdf.type1_font(FONTS[1]).base_font(Name(b"Helvetica-Bold")).encoding_predefined(win_ansi);
        Ok(Self { pdf, style, han: Han::open()?, pages: Vec::new(), next: FIRST_PAGE })
    }

    fn page(&mut self, content: &[u8]) -> Result<(), Error> {
        let packed = packed(content)?;
        let (page, stream) = (Ref::new(self.next), Ref::new(self.next + 1));
        self.next += 2;
        let (width, height) = self.style.layout.page();
        let mut written = self.pdf.page(page);
        written.media_box(Rect::new(0.0, 0.0, width * POINT, height * POINT)).parent(PAGES).contents(stream);
        let mut resources = written.resources();
        let mut fonts = resources.fonts();
        fonts.pair(REGULAR, FONTS[0]).pair(BOLD, FONTS[1]);
        if self.han.is_used() {
            fonts.pair(HAN, OF_HAN.font);
        }
        fonts.finish();
        resources.finish();
        written.finish();
        self.pdf.stream(stream, &packed).filter(Filter::FlateDecode);
        self.pages.push(page);
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<u8>, Error> {
        if self.han.is_used() {
            self.han.write(&mut self.pdf, OF_HAN)?;
        }
        let count = i32::try_from(self.pages.len()).unwrap_or(i32::MAX);
        self.pdf.pages(PAGES).kids(self.pages.iter().copied()).count(count);
        Ok(self.pdf.finish())
    }
}

/// What hand scanners still read, and office printers still print, in millimetres.
const THINNEST: f32 = 0.19;

/// Refuses modules that are too thin for a scanner.
fn readable(module: f32) -> Result<f32, Error> {
    if module >= THINNEST {
        return Ok(module);
    }
    let message = "is too long for some number on a label of this size; take qr";
    Err(Problem::invalid_field("symbol", "too_long", message).into())
}

struct Pen<'a> {
    content: &'a mut Content,
    /// In millimetres: PDF counts from the bottom.
    page_height: f32,
    han: &'a mut Han,
}

impl Pen<'_> {
    fn label(&mut self, label: &Label, area: Area, style: Style) -> Result<(), Error> {
        let modules = style.symbol.encode(&label.code)?;
        let inside = area.inset(style.layout.margin());
        // What has to stay light around the symbol is partly margin already, but a neighbour's text may come near.
        let words = if style.symbol == Symbol::Code128 {
            let quiet = style.symbol.quiet() * 2;
            let module = readable(inside.width / (modules.width + quiet) as f32)?;
            let height = inside.height * 0.45;
            let left = inside.left + module * style.symbol.quiet() as f32;
            let top = inside.top + inside.height - height;
            self.modules(&modules, (left, top), (module, height));
            Area { height: inside.height - height - 1.0, ..inside }
        } else {
            let side = inside.height;
            let module = readable(side / (modules.width + style.symbol.quiet()) as f32)?;
            let edge = module * style.symbol.quiet() as f32 / 2.0;
            self.modules(&modules, (inside.left + edge, inside.top + edge), (module, module));
            Area { left: inside.left + side + edge, width: inside.width - side - edge, ..inside }
        };
        self.words(label, words);
        Ok(())
    }

    fn modules(&mut self, modules: &Modules, (left, top): (f32, f32), (width, height): (f32, f32)) {
        for (y, x, length) in modules.runs() {
            let (left, bottom) = (left + x as f32 * width, top + (y + 1) as f32 * height);
            let at = ((left * POINT), (self.page_height - bottom) * POINT);
            self.content.rect(at.0, at.1, length as f32 * width * POINT, height * POINT);
        }
        self.content.fill_nonzero();
    }

    fn words(&mut self, label: &Label, area: Area) {
        let (left, width) = (area.left * POINT, area.width * POINT);
        let mut top = (self.page_height - area.top) * POINT;
        let bottom = top - area.height * POINT;
        let lines = [(&label.code, NUMBER, true), (&label.name, NAME, false), (&label.name_zh, NAME, false)];
        for (text, size, bold) in lines {
            if *text == label.code && !bold {
                continue;
            }
            for line in text::wrap(text, bold, width / size, 3) {
                if top - size * LEADING < bottom {
                    return;
                }
                top -= size * LEADING;
                self.line(&line, (left, top), (size, bold));
            }
        }
    }

    fn line(&mut self, text: &str, (left, baseline): (f32, f32), (size, bold): (f32, bool)) {
        self.content.begin_text();
        self.content.next_line(left, baseline);
        for (face, run) in text::runs(text) {
            let (font, bytes) = match face {
                Face::Han => (HAN, self.han.bytes(&run)),
                Face::Latin if bold => (BOLD, text::latin(&run)),
                Face::Latin => (REGULAR, text::latin(&run)),
            };
            self.content.set_font(font, size);
            self.content.show(Str(&bytes));
        }
        self.content.end_text();
    }
}
