//! Lines of text that fit a label. Widths are those of the faces themselves, in thousandths of their size.

/// Helvetica, from the space to the tilde.
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// Bold is wider by at most this.
const BOLD: f32 = 1.12;

/// In which face a character is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// Latin letters, in the encoding that PDF calls WinAnsi.
    Latin,
    /// All else, each character a square.
    Han,
}

/// What WinAnsi has beyond Latin-1, with the bytes that stand for it.
const PUNCTUATION: [(char, u8); 9] = [
    ('€', 0x80),
    ('…', 0x85),
    ('‘', 0x91),
    ('’', 0x92),
    ('“', 0x93),
    ('”', 0x94),
    ('•', 0x95),
    ('–', 0x96),
    ('—', 0x97),
];

fn punctuation(c: char) -> Option<u8> {
    PUNCTUATION.iter().find(|(known, _)| *known == c).map(|(_, byte)| *byte)
}

/// The face of a character.
pub fn face(c: char) -> Face {
    let latin = matches!(c, ' '..='~' | '\u{a0}'..='\u{ff}') || punctuation(c).is_some();
    if latin { Face::Latin } else { Face::Han }
}

fn width_of(c: char) -> f32 {
    let index = (c as usize).wrapping_sub(0x20);
    match face(c) {
        Face::Han => 1_000.0,
        // Accented letters are at most as wide as the widest without.
        Face::Latin => f32::from(HELVETICA.get(index).copied().unwrap_or(1_000)),
    }
}

/// The width of a text of size 1.
pub fn width(text: &str, bold: bool) -> f32 {
    let width: f32 = text.chars().map(width_of).sum::<f32>() / 1_000.0;
    if bold { width * BOLD } else { width }
}

/// Lines at most as wide as `most`, in sizes of the type, broken between words or wherever it must be; the last of
/// `lines` ends in an ellipsis if there is more.
pub fn wrap(text: &str, bold: bool, most: f32, lines: usize) -> Vec<String> {
    let mut rest: Vec<char> = text.chars().filter(|c| !c.is_control()).collect();
    let mut found = Vec::new();
    while !rest.is_empty() && found.len() < lines {
        let is_last = found.len() + 1 == lines;
        let mut fits = fitting(&rest, bold, most);
        if fits == rest.len() {
            found.push(rest.iter().collect());
            break;
        }
        if is_last {
            fits = fitting(&rest, bold, most - width("…", bold));
            found.push(rest[..fits].iter().collect::<String>().trim_end().to_owned() + "…");
            break;
        }
        let space = rest[..=fits].iter().rposition(|c| *c == ' ').filter(|at| *at > 0);
        let end = space.unwrap_or(fits.max(1));
        found.push(rest[..end].iter().collect::<String>().trim_end().to_owned());
        rest = rest[end..].iter().copied().skip_while(|c| *c == ' ').collect();
    }
    found
}

/// How many characters fit.
fn fitting(text: &[char], bold: bool, most: f32) -> usize {
    let mut line = String::new();
    text.iter()
        .take_while(|c| {
            line.push(**c);
            width(&line, bold) <= most
        })
        .count()
}

/// A text in pieces of one face.
pub fn runs(text: &str) -> Vec<(Face, String)> {
    let mut runs: Vec<(Face, String)> = Vec::new();
    for c in text.chars() {
        match runs.last_mut() {
            Some((last, run)) if *last == face(c) => run.push(c),
            _ => runs.push((face(c), c.to_string())),
        }
    }
    runs
}

/// A run of Latin letters as PDF wants it, a byte a letter.
pub fn latin(run: &str) -> Vec<u8> {
    let byte = |c: char| punctuation(c).unwrap_or_else(|| u8::try_from(c as u32).unwrap_or(b'?'));
    run.chars().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_end_in_an_ellipsis() {
        assert_eq!(wrap("Door roller kit", false, 5.5, 3), ["Door roller", "kit"]);
        assert_eq!(wrap("Door roller kit, left and right", false, 5.5, 2), ["Door roller", "kit, left an…"]);
        assert_eq!(wrap("门皮带轮组件", false, 4.0, 2), ["门皮带轮", "组件"]);
        assert_eq!(wrap("", false, 4.0, 2), Vec::<String>::new());
    }

    #[test]
    fn no_line_is_wider_than_it_may_be() {
        for text in ["WWWWWWWWWWWWWWWWWW", "a b c d e f g h i j k l m n", "轿厢门皮带 GL-12 左"] {
            for line in wrap(text, true, 5.0, 4) {
                assert!(width(&line, true) <= 5.0, "{line}");
            }
        }
    }

    #[test]
    fn a_text_of_two_scripts_is_set_in_two_faces() {
        let runs = runs("GL门-1");
        assert_eq!(runs.iter().map(|run| run.0).collect::<Vec<_>>(), [Face::Latin, Face::Han, Face::Latin]);
        assert_eq!(latin("é…“x”"), [0xe9, 0x85, 0x93, b'x', 0x94]);
    }
}
