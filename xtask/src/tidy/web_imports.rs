//! Who may import whom in TypeScript: the phones' library knows nothing of the pages, and of these the phone's alone
//! knows the library, by its one door.

use super::tree::{Text, Tree};
use super::web_code;

const LIBRARY: &str = "mobile-sync/js/";
/// The name under which the pages' build finds the library.
const DOOR: &str = "$sync";
const PHONE_PAGE: &str = "web/engineer/";

pub fn check(tree: &Tree) -> Vec<String> {
    web_code::files(tree).flat_map(check_file).collect()
}

fn check_file(file: &Text) -> Vec<String> {
    let lines = file.text.lines().enumerate();
    let imports = lines.filter_map(|(index, line)| Some((index + 1, imported(line)?)));
    let wrong = imports.filter_map(|(line, path)| Some((line, path, fault(&file.path, path)?)));
    wrong.map(|(line, path, why)| format!("{}:{line}: imports {path}: {why}", file.path)).collect()
}

/// What a line imports; imports over several lines end with the one that names it.
fn imported(line: &str) -> Option<&str> {
    let (_, rest) = [" from '", "import '", "import('"].iter().find_map(|start| line.split_once(start))?;
    rest.split('\'').next()
}

fn fault(importer: &str, path: &str) -> Option<&'static str> {
    if importer.starts_with(LIBRARY) {
        let of_pages = path.starts_with("$shared") || path.contains("../web/");
        return of_pages.then_some("the phones' library knows nothing of the pages");
    }
    if path.contains("mobile-sync/") {
        return Some("the phones' library has one door, $sync");
    }
    let through_door = path == DOOR || path.starts_with("$sync/");
    (through_door && !importer.starts_with(PHONE_PAGE))
        .then_some("only the phone's page knows the phones' library")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(path: &str, text: &str) -> Vec<String> {
        check(&Tree::of(&[(path, text)]))
    }

    #[test]
    fn the_phone_page_imports_the_library_by_its_door() {
        assert_eq!(violations("web/engineer/a.ts", "import { Device } from '$sync';\n"), [""; 0]);
        let past = violations("web/engineer/a.ts", "import { x } from '../../mobile-sync/js/src/store';\n");
        let found = "web/engineer/a.ts:1: imports ../../mobile-sync/js/src/store";
        assert_eq!(past, [format!("{found}: the phones' library has one door, $sync")]);
    }

    #[test]
    fn no_other_page_imports_it() {
        assert_eq!(violations("web/console/a.svelte", "\nimport {\n  Device,\n} from '$sync';\n").len(), 1);
        assert_eq!(violations("web/shared/a.ts", "const late = await import('$sync');\n").len(), 1);
    }

    #[test]
    fn the_library_imports_nothing_of_the_pages() {
        assert_eq!(
            violations("mobile-sync/js/src/a.ts", "import { m } from '$shared/i18n/text';\n").len(),
            1
        );
        assert_eq!(violations("mobile-sync/js/src/a.ts", "import '../../../web/shared/x';\n").len(), 1);
        assert_eq!(violations("mobile-sync/js/src/a.ts", "import { tick } from './hlc';\n"), [""; 0]);
    }
}
