//! What is checked in the web's TypeScript and Svelte.

use super::lexer::Kind;
use super::tree::{Text, Tree};

const CODE: [&str; 5] = ["ts", "mjs", "js", "svelte", "css"];
/// Folders of tests, wherever they are.
const TESTS: [&str; 4] = ["/test/", "/tests/", "/browser/", "/e2e/"];
/// Hosts that are named and never asked: namespaces, the attribution of maps, examples in forms, the machine itself,
/// and the maps on an engineer's phone to which he is handed over when he asks for the way.
const NAMED_ONLY: [&str; 12] = [
    "www.w3.org",
    "www.openstreetmap.org",
    "openstreetmap.org",
    "openmaptiles.org",
    "example.com",
    "example.org",
    "localhost",
    "127.0.0.1",
    "uri.amap.com",
    "apis.map.qq.com",
    "www.google.com",
    "maps.apple.com",
];

pub fn files(tree: &Tree) -> impl Iterator<Item = &Text> {
    let ours = |file: &&Text| file.path.starts_with("web/") || file.path.starts_with("mobile-sync/js/");
    tree.files.iter().filter(ours).filter(|file| file.ends_in(&CODE))
}

pub fn is_test(path: &str) -> bool {
    path.contains(".test.") || path.contains(".spec.") || TESTS.iter().any(|folder| path.contains(folder))
}

/// Line by line, taking a comment for one only where it starts the line: close enough for a share.
pub fn kinds(text: &str) -> Vec<Kind> {
    let mut end_of_comment = None;
    let mut kinds = Vec::new();
    for line in text.lines().map(str::trim) {
        kinds.push(match end_of_comment {
            Some(end) => {
                if line.contains(end) {
                    end_of_comment = None;
                }
                Kind::Comment
            }
            None if line.is_empty() => Kind::Blank,
            None if line.starts_with("//") => Kind::Comment,
            None => {
                let blocks = [("/*", "*/"), ("<!--", "-->")];
                let opened = blocks.iter().find(|(start, _)| line.starts_with(start));
                end_of_comment = opened.map(|(_, end)| *end).filter(|end| !line.contains(end));
                if opened.is_some() { Kind::Comment } else { Kind::Code }
            }
        });
    }
    kinds
}

/// Nothing is fetched from outside: the product must work in a building without a network.
pub fn addresses(tree: &Tree) -> Vec<String> {
    let pages = tree.below("web/").filter(|file| file.ends_in(&CODE) || file.ends_in(&["html"]));
    let shipped = pages.filter(|file| !is_test(&file.path) && !file.path.contains(".config."));
    shipped.flat_map(addresses_in).collect()
}

fn addresses_in(file: &Text) -> Vec<String> {
    let lines = file.text.lines().zip(kinds(&file.text)).enumerate();
    let code = lines.filter(|(_, (_, kind))| *kind == Kind::Code);
    code.filter_map(|(index, (line, _))| {
        let host = hosts(line).into_iter().find(|host| !is_named_only(host))?;
        Some(format!("{}:{}: fetches from {host}: bundle it instead", file.path, index + 1))
    })
    .collect()
}

/// The hosts of all addresses in a line, those without a scheme (`src="//…"`) as well.
fn hosts(line: &str) -> Vec<&str> {
    let starts = ["http://", "https://", "src=\"//", "href=\"//", "url(//"];
    let after = starts.iter().flat_map(|start| line.split(start).skip(1));
    let end = |char: char| char.is_whitespace() || "/:\"'`)<?#".contains(char);
    after.map(|rest| rest.split(end).next().unwrap_or_default()).collect()
}

fn is_named_only(host: &str) -> bool {
    NAMED_ONLY.contains(&host) || host.ends_with(".example")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_on_another_host_is_found_in_what_is_shipped() {
        let tree = Tree::of(&[
            ("web/console/map.ts", "// see https://maplibre.org\nfetch('https://tiles.evil.net/1')\n"),
            ("web/index.html", "<script src=\"//cdn.evil.net/x.js\"></script>\n"),
            ("web/icon.svelte", "<svg xmlns=\"http://www.w3.org/2000/svg\">\n"),
            ("web/test/a.test.ts", "open('https://elsewhere.net')\n"),
        ]);
        assert_eq!(
            addresses(&tree),
            [
                "web/console/map.ts:2: fetches from tiles.evil.net: bundle it instead",
                "web/index.html:1: fetches from cdn.evil.net: bundle it instead",
            ]
        );
    }

    #[test]
    fn links_of_attributions_and_examples_are_no_fetches() {
        assert!(hosts("a('https://www.openstreetmap.org/copyright')").into_iter().all(is_named_only));
        assert!(hosts("placeholder='https://fettle.example/hook'").into_iter().all(is_named_only));
        assert_eq!(hosts("no address // here"), [""; 0]);
    }

    #[test]
    fn comments_of_all_three_languages_are_told_from_code() {
        let text = "// a\n/* b\n c */\nd();\n\n<!-- e -->\n<p>";
        let expected =
            [Kind::Comment, Kind::Comment, Kind::Comment, Kind::Code, Kind::Blank, Kind::Comment, Kind::Code];
        assert_eq!(kinds(text), expected);
    }

    #[test]
    fn tests_are_told_by_their_name_or_their_folder() {
        assert!(is_test("web/shared/time.test.ts") && is_test("web/test/browser/login.mjs"));
        assert!(!is_test("web/shared/time.ts"));
    }
}
