//! The file of a backup, as it is written and as it is read: hashes are taken as the bytes pass, and a file that is not
//! complete never has the name of one.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use actix_web::web::Bytes;
use anyhow::{Context, ensure};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{Entry, FORMAT, MANIFEST, Manifest, PIECE, object_file, table_file};
use crate::auth::secret::hex;

/// A backup that grows.
pub struct Writer {
    zip: ZipWriter<File>,
    path: PathBuf,
    part: PathBuf,
    hash: Sha256,
}

impl Writer {
    /// Begins `path`, under another name until all is there.
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        ensure!(!path.exists(), "{} is there already", path.display());
        let part = part_of(path);
        let file = private(&part).with_context(|| part.display().to_string())?;
        Ok(Self { zip: ZipWriter::new(file), path: path.to_owned(), part, hash: Sha256::new() })
    }

    /// Removes what was begun under this name.
    pub fn forget(path: &Path) {
        drop(std::fs::remove_file(part_of(path)));
    }

    /// Begins a file in it. Tables are packed, photos are already.
    pub fn begin(&mut self, name: &str, pack: bool) -> anyhow::Result<()> {
        let method = if pack { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        let options = SimpleFileOptions::default().compression_method(method).large_file(true);
        self.zip.start_file(name, options)?;
        self.hash = Sha256::new();
        Ok(())
    }

    pub fn put(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.hash.update(bytes);
        Ok(self.zip.write_all(bytes)?)
    }

    /// The file that was begun, with the hash of what was put into it.
    pub fn end(&mut self, name: &str, count: u64) -> Entry {
        let sha256 = hex(&std::mem::take(&mut self.hash).finalize());
        Entry { name: name.to_owned(), count, sha256 }
    }

    /// Ends the backup. It is on the disk, under its name, when this returns.
    pub fn finish(mut self, manifest: &Manifest) -> anyhow::Result<()> {
        self.begin(MANIFEST, true)?;
        self.put(&serde_json::to_vec_pretty(manifest)?)?;
        self.zip.finish()?.sync_all()?;
        std::fs::rename(&self.part, &self.path).with_context(|| self.path.display().to_string())?;
        // The name is of the folder, which goes to the disk by itself.
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        Ok(File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?)
    }
}

/// A new file that only its owner can read: what is in the database is in it.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

/// A backup that is there.
pub struct Reader {
    zip: ZipArchive<File>,
    pub manifest: Manifest,
}

impl Reader {
    /// Opens a backup, and compares every file in it with its hash: nothing is touched for a broken one.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let name = || path.display().to_string();
        let file = File::open(path).with_context(name)?;
        let mut zip = ZipArchive::new(file).with_context(|| format!("{} is no backup", name()))?;
        let manifest: Manifest = {
            let file = zip.by_name(MANIFEST).with_context(|| format!("{} is no backup", name()))?;
            serde_json::from_reader(file).with_context(|| format!("{}: {MANIFEST}", name()))?
        };
        ensure!(manifest.format == FORMAT, "{} is of format {}, not {FORMAT}", name(), manifest.format);
        let mut reader = Self { zip, manifest };
        reader.check()?;
        Ok(reader)
    }

    fn check(&mut self) -> anyhow::Result<()> {
        let tables = self.manifest.tables.iter().map(|entry| (table_file(&entry.name), entry));
        let objects = self.manifest.objects.iter().map(|entry| (object_file(&entry.name), entry));
        for (name, entry) in tables.chain(objects) {
            let mut file = self.zip.by_name(&name).with_context(|| format!("{name} is missing"))?;
            let (mut hash, mut piece) = (Sha256::new(), vec![0; PIECE]);
            loop {
                let read = file.read(&mut piece).with_context(|| format!("{name} is damaged"))?;
                if read == 0 {
                    break;
                }
                hash.update(piece.get(..read).unwrap_or_default());
            }
            ensure!(hex(&hash.finalize()) == entry.sha256, "{name} is damaged: it has another hash");
        }
        Ok(())
    }

    /// Gives each line of a table to `each`.
    pub fn lines(
        &mut self,
        table: &str,
        mut each: impl FnMut(String) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let file = self.zip.by_name(&table_file(table))?;
        for line in BufReader::new(file).lines() {
            each(line?)?;
        }
        Ok(())
    }

    /// The bytes of an object, piece by piece.
    pub fn object(&mut self, name: &str) -> anyhow::Result<impl Iterator<Item = std::io::Result<Bytes>>> {
        let mut file = self.zip.by_name(&object_file(name))?;
        Ok(std::iter::from_fn(move || {
            let mut piece = vec![0; PIECE];
            match file.read(&mut piece) {
                Ok(0) => None,
                Ok(read) => {
                    piece.truncate(read);
                    Some(Ok(Bytes::from(piece)))
                }
                Err(error) => Some(Err(error)),
            }
        }))
    }
}
