//! Where the measured database is.

use std::path::PathBuf;

use anyhow::Context;
use db::Url;
use db::testing::Backend;
use diesel::prelude::*;

/// Where the measured database is: on the disk that holds `target`, since `/tmp` may be memory.
pub struct Place {
    pub url: Url,
}

impl Place {
    pub fn new(backend: Backend) -> anyhow::Result<Self> {
        let url = match backend {
            Backend::Sqlite => {
                let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
                std::fs::create_dir_all(&folder)?;
                let file = folder.join("bench.db");
                for suffix in ["", "-wal", "-shm"] {
                    let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
                }
                Url::Sqlite(file)
            }
            Backend::Postgres => {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "the address comes from the command that runs us"
                )]
                let url = std::env::var("FETTLE_BENCH_POSTGRES").context("run it by `cargo xtask bench`")?;
                Url::Postgres(url)
            }
        };
        Ok(Self { url })
    }

    pub fn url_text(&self) -> String {
        match &self.url {
            Url::Sqlite(path) => path.to_string_lossy().into_owned(),
            Url::Postgres(url) => url.clone(),
        }
    }

    /// A connection for plain SQL.
    pub fn raw(&self) -> db::Conn {
        db::testing::raw(&self.url)
    }

    /// The process of one of our connections, to find the database's processes by.
    pub fn backend_pid(&self) -> anyhow::Result<Option<u32>> {
        #[derive(QueryableByName)]
        struct Pid {
            #[diesel(sql_type = diesel::sql_types::Integer)]
            pid: i32,
        }
        match self.raw() {
            db::Conn::Sqlite(_) => Ok(None),
            db::Conn::Postgres(mut conn) => {
                // The parent of any backend is the server; that of ours lives until we return, so look it up now.
                let row: Pid = diesel::sql_query("SELECT pg_backend_pid() AS pid").get_result(&mut conn)?;
                std::mem::forget(conn);
                Ok(u32::try_from(row.pid).ok())
            }
        }
    }
}
