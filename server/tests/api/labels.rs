//! Labels: what is printed is drawn again from the file, and read by a decoder.

use std::collections::BTreeMap;

use db::both_backends;
use lopdf::Document;
use lopdf::content::Content;
use reqwest::{Method, StatusCode};
use rxing::BarcodeFormat;
use serde_json::json;
use server::auth::Role;

use crate::harness::{Person, Server};

const POINT: f32 = 72.0 / 25.4;
/// Dots of the drawing in a millimetre.
const DOTS: f32 = 16.0;

async fn labels(person: &Person, query: &str) -> Document {
    let answer = person.request(Method::GET, &format!("/api/v1/labels.pdf?{query}")).send().await.unwrap();
    assert_eq!(
        (answer.status(), answer.headers()["content-type"].to_str().unwrap()),
        (StatusCode::OK, "application/pdf")
    );
    Document::load_mem(&answer.bytes().await.unwrap()).unwrap()
}

/// The number operands of each operation of this name, page by page.
fn operands(file: &Document, operator: &str) -> Vec<Vec<Vec<f32>>> {
    let of_page = |id: &lopdf::ObjectId| {
        let content = Content::decode(&file.get_page_content(*id)).unwrap();
        let found = content.operations.into_iter().filter(|operation| operation.operator == operator);
        found.map(|operation| operation.operands.iter().filter_map(|o| o.as_float().ok()).collect()).collect()
    };
    file.get_pages().values().map(of_page).collect()
}

/// What is shown, byte for byte.
fn shown(file: &Document) -> Vec<Vec<u8>> {
    let mut texts = Vec::new();
    for id in file.get_pages().values() {
        let content = Content::decode(&file.get_page_content(*id)).unwrap();
        let shows = content.operations.into_iter().filter(|operation| operation.operator == "Tj");
        texts.extend(shows.map(|operation| operation.operands[0].as_str().unwrap().to_vec()));
    }
    texts
}

/// What the glyphs of the Chinese face stand for, as the file itself says it, by their two bytes; and how many bytes the
/// face has in it.
fn chinese(file: &Document) -> (BTreeMap<Vec<u8>, char>, usize) {
    let page = *file.get_pages().values().next().unwrap();
    let fonts = file.get_page_fonts(page).unwrap();
    let face = fonts[&b"F3"[..]];
    let stream = |id| file.get_object(id).unwrap().as_stream().unwrap().decompressed_content().unwrap();
    let letters = String::from_utf8(stream(face.get(b"ToUnicode").unwrap().as_reference().unwrap())).unwrap();
    let hex = |text: &str| u16::from_str_radix(text.trim_matches(['<', '>']), 16).unwrap();
    let pairs = letters.lines().filter_map(|line| line.split_once("> <"));
    let found = pairs
        .filter(|(glyph, _)| glyph.len() == 5 && *glyph != "<0000")
        .map(|(glyph, c)| (hex(glyph).to_be_bytes().to_vec(), char::from_u32(hex(c).into()).unwrap()))
        .collect();
    let cid = face.get(b"DescendantFonts").unwrap().as_array().unwrap()[0].as_reference().unwrap();
    let descriptor =
        file.get_dictionary(cid).unwrap().get(b"FontDescriptor").unwrap().as_reference().unwrap();
    let program = file.get_dictionary(descriptor).unwrap().get(b"FontFile2").unwrap().as_reference().unwrap();
    (found, stream(program).len())
}

/// Draws a part of a page, left and top and width and height in millimetres, and reads the symbol in it.
fn read(file: &Document, page: usize, area: (f32, f32, f32, f32), format: BarcodeFormat) -> Option<String> {
    let page_height = if area.3 > 35.0 { 297.0 } else { 32.0 };
    let (width, height) = ((area.2 * DOTS) as usize, (area.3 * DOTS) as usize);
    let mut dots = vec![255_u8; width * height];
    for rect in &operands(file, "re")[page] {
        let [x, y, w, h] = rect[..] else { panic!("{rect:?}") };
        let left = (x / POINT - area.0) * DOTS;
        let top = (page_height - (y + h) / POINT - area.1) * DOTS;
        let (right, bottom) = (left + w / POINT * DOTS, top + h / POINT * DOTS);
        for row in top.round().max(0.0) as usize..(bottom.round().max(0.0) as usize).min(height) {
            for column in left.round().max(0.0) as usize..(right.round().max(0.0) as usize).min(width) {
                dots[row * width + column] = 0;
            }
        }
    }
    let (width, height) = (width as u32, height as u32);
    rxing::helpers::detect_in_luma(dots, width, height, Some(format))
        .ok()
        .map(|found| found.getText().to_owned())
}

/// A label of the sheet.
fn on_sheet(place: usize) -> (f32, f32, f32, f32) {
    ((place % 3) as f32 * 70.0, (place / 3) as f32 * 37.125, 70.0, 37.125)
}

const ON_ROLL: (f32, f32, f32, f32) = (0.0, 0.0, 57.0, 32.0);

async fn parts(person: &Person, numbers: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for number in numbers {
        let new = json!({"number": number, "name": "Door belt, left", "name_zh": "门皮带（左）"});
        ids.push(person.post("/api/v1/parts", &new).await.ok()["id"].as_str().unwrap().to_owned());
    }
    ids
}

const SYMBOLS: [(&str, BarcodeFormat); 3] = [
    ("qr", BarcodeFormat::QR_CODE),
    ("data-matrix", BarcodeFormat::DATA_MATRIX),
    ("code-128", BarcodeFormat::CODE_128),
];

both_backends! {
    async fn each_symbol_says_the_number_of_its_part(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        parts(&person, &["DOOR-0001", "DOOR-0002", "R_10R_0402_1%"]).await;
        for (symbol, format) in SYMBOLS {
            let sheet = labels(&person, &format!("kind=parts&symbol={symbol}&skip=22")).await;
            assert_eq!(sheet.get_pages().len(), 2, "two places were left on the first sheet");
            let found = [(0, 22), (0, 23), (1, 0), (1, 1)].map(|(page, place)| read(&sheet, page, on_sheet(place), format));
            let texts = found.each_ref().map(|text| text.as_deref());
            assert_eq!(texts, [Some("DOOR-0001"), Some("DOOR-0002"), Some("R_10R_0402_1%"), None], "{symbol}");
            let roll = labels(&person, &format!("kind=parts&symbol={symbol}&layout=roll")).await;
            assert_eq!(roll.get_pages().len(), 3);
            assert_eq!(read(&roll, 1, ON_ROLL, format).as_deref(), Some("DOOR-0002"), "{symbol}");
        }
    }

    async fn a_label_has_the_number_and_the_name_in_both_languages(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        let ids = parts(&person, &["DOOR-0001", "门-2"]).await;
        let file = labels(&person, &format!("kind=parts&ids={}", ids.join(","))).await;
        let (letters, program) = chinese(&file);
        let read_back = |bytes: &Vec<u8>| match bytes.first() {
            Some(0) => bytes.chunks(2).map(|glyph| letters[glyph]).collect::<String>(),
            _ => String::from_utf8(bytes.clone()).unwrap(),
        };
        let texts: Vec<String> = shown(&file).iter().map(read_back).collect();
        let name = ["Door belt, left", "门皮带（左）"];
        assert_eq!(texts, [&["DOOR-0001"][..], &name, &["门", "-2"], &name].concat());
        assert!((1_000..20_000).contains(&program), "the file has the glyphs that it shows: {program} bytes");
        assert_eq!(read(&file, 0, on_sheet(1), BarcodeFormat::QR_CODE).as_deref(), Some("门-2"));
    }

    async fn as_many_labels_as_there_are_each_inside_its_own(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        let numbers: Vec<String> = (0..50).map(|n| format!("WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW-{n:04}")).collect();
        parts(&person, &numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let file = labels(&person, "kind=parts").await;
        assert_eq!(file.get_pages().len(), 3);
        assert_eq!(shown(&file).iter().filter(|text| text.starts_with(b"Door")).count(), 50);
        for page in operands(&file, "re") {
            for rect in page {
                let (left, right) = (rect[0] / POINT, (rect[0] + rect[2]) / POINT);
                assert!(left >= 0.0 && right <= 210.0 && (left / 70.0).floor() == (right / 70.0).floor(), "{rect:?}");
            }
        }
    }

    async fn places_and_badges_have_labels_too(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        crate::tickets::engineer(&server, "E-1").await;
        let depot = json!({"kind": "depot", "code": "EAST", "name": "Depot East", "latitude": 40.75, "longitude": -73.98});
        person.post("/api/v1/stock-locations", &depot).await.ok();
        for (kind, code) in [("places", "EAST"), ("engineers", "E-1")] {
            let file = labels(&person, &format!("kind={kind}&layout=roll")).await;
            assert_eq!((file.get_pages().len(), read(&file, 0, ON_ROLL, BarcodeFormat::QR_CODE).as_deref()), (1, Some(code)));
        }
    }

    async fn labels_that_cannot_be_printed_are_refused_by_name(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        assert_eq!(labels(&person, "kind=parts").await.get_pages().len(), 1, "an empty page, for no parts");
        let id = parts(&person, &["门-2"]).await.remove(0);
        let many = vec![id.as_str(); 101].join(",");
        for (query, field) in [
            ("kind=people", "kind"), ("kind=parts&symbol=ean", "symbol"), ("kind=parts&layout=a5", "layout"),
            ("kind=parts&skip=24", "skip"), ("kind=parts&layout=roll&skip=1", "skip"), ("kind=parts&ids=x", "ids"),
            ("kind=parts&ids=0198f3c2-7b00-7000-8000-000000000001", "ids"), ("kind=parts&symbol=code-128", "symbol"),
            (&format!("kind=parts&ids={many}"), "ids"),
        ] {
            assert_eq!(person.get(&format!("/api/v1/labels.pdf?{query}")).await.field(), field, "{query}");
        }
        let long = parts(&person, &["0123-ABCD-4567-EFGH-8901-IJKL-2345-MNOP-6789-QRST"]).await.remove(0);
        let thin = person.get(&format!("/api/v1/labels.pdf?kind=parts&symbol=code-128&ids={long}")).await;
        assert_eq!(thin.body["errors"][0]["code"], "too_long", "lines too thin to be read");
        assert_eq!(labels(&person, &format!("kind=parts&symbol=data-matrix&ids={long}")).await.get_pages().len(), 1);
    }
}
