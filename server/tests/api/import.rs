//! Imports from CSV: what is made of good files, and that bad rows are told and never half-written.

use std::process::{Command, Output};

use db::testing::{Backend, START, Scratch, fresh_url};
use db::{Url, both_backends};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::Role;

use crate::engineers::skill;
use crate::harness::{Answer, Person, Server, send};
use crate::tickets::{known_to_dispatch, lift, new_ticket};

const ASSETS: &str = "number,kind,model,address,latitude,longitude,customer_number,customer_name\n";

fn asset(number: &str, address: &str, customer: &str) -> String {
    format!("{number},Passenger Elevator,GL,{address},40.7484,-73.9857,{customer},Owner of {customer}\n")
}

async fn import(person: &Person, path: &str, csv: impl Into<String>) -> Answer {
    let request = person.request(Method::POST, &format!("/api/v1/import/{path}"));
    send(request.header("content-type", "text/csv; charset=utf-8").body(csv.into())).await
}

async fn count(person: &Person, kind: &str) -> usize {
    person.get(&format!("/api/v1/{kind}?limit=200")).await.ok()["items"].as_array().unwrap().len()
}

/// Row, column and code of each fault.
fn faults(report: &Value) -> Vec<(u64, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let fault = |f: &Value| (f["row"].as_u64().unwrap(), text(&f["column"]), text(&f["code"]));
    report["faults"].as_array().unwrap().iter().map(fault).collect()
}

fn is(row: u64, column: &str, code: &str) -> (u64, String, String) {
    (row, column.to_owned(), code.to_owned())
}

both_backends! {
    async fn assets_come_with_the_sites_and_customers_that_are_missing(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        let file = [
            ASSETS,
            &asset("1P1", "350 5 AVENUE", "C-1"),
            &asset("1P2", "350 5 AVENUE", "C-1"),
            &asset("1P3", "20 W 34 STREET", "C-1"),
            &asset("1P4", "350 5 AVENUE", "C-2"),
        ].concat();
        let report = import(&person, "assets", file).await.ok();
        assert_eq!(report, json!({"rows": 4, "imported": 4, "fault_count": 0, "faults": []}));
        assert_eq!((count(&person, "assets").await, count(&person, "sites").await, count(&person, "customers").await), (4, 3, 2));
        let more = [ASSETS, &asset("1P5", "350 5 AVENUE", "C-1")].concat();
        assert_eq!(import(&person, "assets", more).await.ok()["imported"], 1);
        assert_eq!((count(&person, "sites").await, count(&person, "customers").await), (3, 2), "found, not made again");
        let asset = person.get("/api/v1/assets?q=1P5").await.ok()["items"][0].clone();
        let mut new = new_ticket(asset["id"].as_str().unwrap());
        new["required_skills"] = json!([]);
        assert_eq!(person.post("/api/v1/tickets", &new).await.ok()["address"], "350 5 AVENUE");
        let customer = person.get("/api/v1/customers").await.ok()["items"][0].clone();
        assert_eq!((customer["number"].as_str(), customer["name"].as_str()), (Some("C-1"), Some("Owner of C-1")));
    }

    async fn each_bad_row_is_told_by_number_and_column_and_nothing_is_written(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        import(&person, "assets", [ASSETS, &asset("TAKEN", "1 AVENUE", "C-1")].concat()).await.ok();
        let file = [
            ASSETS,
            &asset("1P1", "2 AVENUE", "C-2"),
            &asset("1P2", "", "C-2"),
            &asset("1P1", "2 AVENUE", "C-2"),
            &asset("TAKEN", "2 AVENUE", "C-2"),
            "1P3,Passenger Elevator,GL,2 AVENUE,-73.9857,40.7484,C-2,Swapped\n",
            "1P4,Passenger Elevator,GL,2 AVENUE,north,-73.9857,C-2,Words\n",
            "1P5,Passenger Elevator,GL,2 AVENUE,40.7,-73.9\n",
            "1P6,Passenger\u{0}Elevator,GL,2 AVENUE,NaN,-73.9857,,Two faults\n",
            &asset(&"9".repeat(51), "2 AVENUE", "C-2"),
        ].concat();
        let expected = [
            is(2, "address", "required"),
            is(3, "number", "duplicate"),
            is(4, "number", "duplicate"),
            is(5, "latitude", "swapped"),
            is(6, "latitude", "invalid"),
            is(7, "", "wrong_length"),
            is(8, "latitude", "invalid"),
            is(8, "kind", "control_character"),
            is(8, "customer_number", "required"),
            is(9, "number", "too_long"),
        ];
        for path in ["assets", "assets?mode=all", "assets?dry_run=true", "assets?mode=rows&dry_run=true"] {
            let report = import(&person, path, file.clone()).await.ok();
            assert_eq!(faults(&report), expected, "{path}");
            assert_eq!((report["rows"].as_u64(), report["imported"].as_u64(), report["fault_count"].as_u64()), (Some(9), Some(0), Some(10)));
            assert_eq!((count(&person, "assets").await, count(&person, "sites").await, count(&person, "customers").await), (1, 1, 1));
        }
        let report = import(&person, "assets?mode=rows", file).await.ok();
        assert_eq!((faults(&report), report["imported"].as_u64()), (expected.to_vec(), Some(1)));
        assert_eq!((count(&person, "assets").await, count(&person, "sites").await), (2, 2));
    }

    async fn one_number_that_is_taken_keeps_the_whole_file_out(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        import(&person, "assets", [ASSETS, &asset("TAKEN", "1 AVENUE", "C-1")].concat()).await.ok();
        let file = [ASSETS, &asset("1P1", "2 AVENUE", "C-2"), &asset("TAKEN", "2 AVENUE", "C-2")].concat();
        let report = import(&person, "assets", file).await.ok();
        assert_eq!((faults(&report), report["imported"].as_u64()), (vec![is(2, "number", "duplicate")], Some(0)));
        assert_eq!((count(&person, "assets").await, count(&person, "customers").await), (1, 1));
    }

    async fn a_file_that_is_sent_again_imports_nothing_again(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        let file = [ASSETS, &asset("1P1", "1 AVENUE", "C-1"), &asset("1P2", "1 AVENUE", "C-1")].concat();
        assert_eq!(import(&person, "assets", file.clone()).await.ok()["imported"], 2);
        for mode in ["all", "rows"] {
            let again = import(&person, &format!("assets?mode={mode}"), file.clone()).await.ok();
            assert_eq!((again["imported"].as_u64(), again["fault_count"].as_u64()), (Some(0), Some(2)));
        }
        assert_eq!(count(&person, "assets").await, 2);
    }

    async fn a_file_that_cannot_be_read_as_a_whole_is_a_problem_that_names_what(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        let unknown = import(&person, "assets", ASSETS.replace("model", "modell")).await;
        assert_eq!((unknown.status, unknown.field()), (StatusCode::UNPROCESSABLE_ENTITY, "modell"));
        let codes: Vec<&str> = unknown.body["errors"].as_array().unwrap().iter().map(|e| e["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["unknown_column", "missing_column"]);
        assert_eq!(import(&person, "assets", "").await.field(), "number");
        assert_eq!(import(&person, "assets?mode=some", ASSETS).await.field(), "mode");
        assert_eq!(import(&person, "assets?dry_run=maybe", ASSETS).await.field(), "dry_run");
        let request = person.request(Method::POST, "/api/v1/import/assets");
        let latin = send(request.header("content-type", "text/csv").body(vec![b'n', 0xe9, b'\n'])).await;
        assert_eq!((latin.field(), latin.body["errors"][0]["code"].as_str()), ("body", Some("not_utf8")));
        let json = person.post("/api/v1/import/assets", &json!({})).await;
        assert_eq!((json.status, json.code()), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_csv"));
        let huge = import(&person, "assets", "x".repeat(16 * 1024 * 1024 + 1)).await;
        assert_eq!((huge.status, huge.code()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
        assert_eq!(count(&person, "assets").await, 0);
    }

    async fn of_very_many_faults_a_thousand_are_listed_and_all_counted(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        let file = format!("number,name\n{}", ",x\n".repeat(1_500));
        let report = import(&person, "parts", file).await.ok();
        assert_eq!((report["fault_count"].as_u64(), report["faults"].as_array().unwrap().len()), (Some(1_500), 1_000));
    }

    async fn thousands_of_rows_are_one_import_in_either_mode(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        for (mode, prefix) in [("all", "A"), ("rows", "B")] {
            let rows: String = (0..2_500).map(|n| asset(&format!("{prefix}{n}"), &format!("{} AVENUE", n / 3), &format!("C-{}", n / 50))).collect();
            let report = import(&person, &format!("assets?mode={mode}"), format!("{ASSETS}{rows}")).await.ok();
            assert_eq!((report["imported"].as_u64(), report["fault_count"].as_u64()), (Some(2_500), Some(0)));
        }
        assert_eq!(count(&person, "customers").await, 50);
    }

    async fn imported_engineers_can_do_what_their_skills_say(server: Server) {
        skill(&server, "LIFT-B").await;
        skill(&server, "ESC-A").await;
        let person = server.log_in(Role::Dispatcher).await;
        let file = "\u{feff}code,name,phone,home_latitude,home_longitude,max_load_minutes,skills\r\n\
            E-1,\"Lovelace, Ada\",555 0101,40.75,-73.98,600,LIFT-B:2;ESC-A:1\r\n\
            E-2,Bob,,40.75,-73.98,,\r\n";
        assert_eq!(import(&person, "engineers", file).await.ok()["imported"], 2);
        let people = person.get("/api/v1/engineers").await.ok()["items"].clone();
        assert_eq!((people[0]["name"].as_str(), people[0]["max_load_minutes"].as_i64()), (Some("Lovelace, Ada"), Some(600)));
        assert_eq!((people[0]["certificates"].as_array().unwrap().len(), people[1]["certificates"].as_array().unwrap().len()), (2, 0));
        assert_eq!(people[1]["max_load_minutes"], 480);
        let path = format!("/api/v1/engineers/{}/shifts", people[0]["id"].as_str().unwrap());
        let shift = json!({"starts_at": START.millis(), "ends_at": START.plus_minutes(600).millis()});
        let last = person.post(&path, &shift).await.etag.unwrap();
        known_to_dispatch(&server, last.trim_matches('"').parse().unwrap()).await;
        let ticket = person.post("/api/v1/tickets", &new_ticket(&lift(&server).await)).await.ok();
        assert_eq!(ticket["engineer_id"], people[0]["id"]);
        let loads = server.app.db.read(server::schedule::load::verify).await.unwrap();
        assert!(loads.is_empty(), "{loads:?}");
    }

    async fn engineers_with_unknown_skills_or_homes_elsewhere_are_told(server: Server) {
        skill(&server, "LIFT-B").await;
        let person = server.log_in(Role::Dispatcher).await;
        let file = "code,name,home_latitude,home_longitude,max_load_minutes,skills\n\
            E-1,Ada,40.75,-73.98,600,LIFT-B:2\n\
            E-2,Bob,40.75,-73.98,600,JUGGLING:2\n\
            E-3,Cyd,40.75,-73.98,600,LIFT-B:11\n\
            E-4,Dan,40.75,-73.98,many,LIFT-B\n\
            E-5,Eve,-80,-73.98,0,\n\
            E-1,Fay,40.75,,600,\n";
        let expected = [
            is(2, "skills", "unknown"),
            is(3, "skills", "invalid"),
            is(4, "max_load_minutes", "invalid"),
            is(4, "skills", "invalid"),
            is(5, "home_latitude", "out_of_area"),
            is(5, "max_load_minutes", "out_of_range"),
            is(6, "home_longitude", "required"),
            is(6, "code", "duplicate"),
        ];
        let report = import(&person, "engineers", file).await.ok();
        assert_eq!((faults(&report), count(&person, "engineers").await), (expected.to_vec(), 0));
        let report = import(&person, "engineers?mode=rows", file).await.ok();
        assert_eq!((faults(&report), report["imported"].as_u64()), (expected.to_vec(), Some(1)));
        let again = import(&person, "engineers?mode=rows", file).await.ok();
        assert_eq!((faults(&again)[0].clone(), again["imported"].as_u64()), (is(1, "code", "duplicate"), Some(0)));
    }

    async fn parts_are_imported_with_exact_prices(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        let file = "number,name,name_zh,unit,decimals,unit_price,currency\n\
            P-1,Door belt,门皮带,m,2,12.50,EUR\n\
            P-2,Bolt,,,,0.000001,\n";
        assert_eq!(import(&person, "parts", file).await.ok()["imported"], 2);
        let parts = person.get("/api/v1/parts").await.ok()["items"].clone();
        assert_eq!((parts[0]["unit_price_micros"].as_i64(), parts[0]["decimals"].as_i64()), (Some(12_500_000), Some(2)));
        assert_eq!((parts[0]["currency"].as_str(), parts[0]["name_zh"].as_str()), (Some("EUR"), Some("门皮带")));
        assert_eq!((parts[1]["unit"].as_str(), parts[1]["currency"].as_str(), parts[1]["unit_price_micros"].as_i64()), (Some("pcs"), Some("USD"), Some(1)));
        let bad = "number,name,decimals,unit_price,currency\nP-1,x,0,1,USD\nP-3,x,9,1.0000001,usd\n";
        let report = import(&person, "parts", bad).await.ok();
        let expected = [is(1, "number", "duplicate"), is(2, "unit_price", "invalid"), is(2, "decimals", "out_of_range"), is(2, "currency", "invalid")];
        assert_eq!(faults(&report), expected);
        assert_eq!(count(&person, "parts").await, 2);
    }

    async fn an_import_at_the_command_line_prints_its_faults_and_ends_with_one(shell: Shell) {
        let good = "number,name\nP-1,Bolt\nP-2,Nut\n";
        let looked = shell.import(good, &["--dry-run"]);
        assert!(looked.status.success() && said(&looked).contains("2 rows, 0 imported"), "{looked:?}");
        let done = shell.import(good, &[]);
        assert!(done.status.success() && said(&done).contains("2 rows, 2 imported"), "{done:?}");
        let bad = "number,name\nP-2,Nut\nP-3,\nP-4,Washer\n";
        let refused = shell.import(bad, &[]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(said(&refused).contains("row 1, number: is taken already\nrow 2, name: must not be empty\n3 rows, 0 imported"), "{refused:?}");
        let partly = shell.import(bad, &["--rows"]);
        assert_eq!(partly.status.code(), Some(1));
        assert!(said(&partly).contains("3 rows, 1 imported"), "{partly:?}");
        let nonsense = shell.import("colour\nred\n", &[]);
        assert!(!nonsense.status.success() && String::from_utf8_lossy(&nonsense.stderr).contains("colour"), "{nonsense:?}");
    }
}

/// Somebody at the command line, with a database that no server has open.
struct Shell {
    database_url: String,
    file: std::path::PathBuf,
    _scratch: Scratch,
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

impl Shell {
    fn fresh(backend: Backend) -> Self {
        let (url, scratch) = fresh_url(backend);
        let database_url = match url {
            Url::Sqlite(path) => path.to_string_lossy().into_owned(),
            Url::Postgres(url) => url,
        };
        let name = format!("fettle-import-{}.csv", db::types::PartId::new());
        Self { database_url, file: std::env::temp_dir().join(name), _scratch: scratch }
    }

    /// `fettle import parts FILE …`
    fn import(&self, csv: &str, flags: &[&str]) -> Output {
        std::fs::write(&self.file, csv).unwrap();
        Command::new(env!("CARGO_BIN_EXE_fettle"))
            .args(["--database-url", &self.database_url, "import", "parts"])
            .arg(&self.file)
            .args(flags)
            .env("FETTLE_LOG", "error")
            .output()
            .unwrap()
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}
