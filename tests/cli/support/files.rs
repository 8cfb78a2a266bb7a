//! The files of one test: the state directory, and what lies beside the configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

/// The directory that the runs of one test start in.
pub struct Files {
    dir: TempDir,
}

impl Files {
    /// Keeps its files in a directory until the test ends.
    pub fn in_directory(dir: TempDir) -> Files {
        Files { dir }
    }

    /// A path in the state directory.
    pub fn state(&self, name: &str) -> PathBuf {
        self.dir.path().join("state").join(name)
    }

    /// A path beside the configuration.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The journal's lines of all months.
    pub fn journal(&self) -> Vec<Value> {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(self.state("")).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
        files.sort();
        let text: String = files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The journal's lines of one kind.
    pub fn journal_of(&self, kind: &str) -> Vec<Value> {
        self.journal().into_iter().filter(|line| line["kind"] == kind).collect()
    }

    /// The kinds of the journal's lines in order, without the snapshot that opens each month.
    pub fn journal_kinds(&self) -> Vec<String> {
        let kinds = self.journal().into_iter().map(|line| line["kind"].as_str().unwrap_or("?").to_owned());
        kinds.filter(|kind| kind != "snapshot").collect()
    }

    /// The journal's newest file.
    pub fn journal_path(&self) -> PathBuf {
        let mut files: Vec<PathBuf> = self.state_files().into_keys().map(|name| self.state(&name)).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
        files.pop().expect("a journal")
    }

    /// Cuts the journal's last `count` lines off, as a crash before they were written would have.
    pub fn forget_journal_lines(&self, count: usize) {
        let path = self.journal_path();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let kept: String = lines[..lines.len() - count].iter().map(|line| format!("{line}\n")).collect();
        std::fs::write(&path, kept).unwrap();
    }

    /// Every file of the state directory with its content, but the pacing and the locks, which every run touches.
    pub fn state_files(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = std::fs::read_dir(self.state("")).into_iter().flatten().flatten();
        let named = entries.map(|entry| (entry.file_name().into_string().unwrap(), entry.path()));
        let is_touched = |name: &str| name == "rate" || name == "sell.want" || name.ends_with(".lock");
        let told = named.filter(|(name, path)| !is_touched(name) && path.is_file());
        told.map(|(name, path)| (name, std::fs::read(path).unwrap())).collect()
    }

    /// The rows of `trades.csv` without its heading.
    pub fn trades(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.state("trades.csv")).unwrap_or_default();
        text.lines().skip(1).map(str::to_owned).collect()
    }

    /// The token file.
    pub fn token_file(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.state("api_token.json")).unwrap()).unwrap()
    }

    /// Changes one key of the token file in place, as a person with an editor would.
    pub fn edit_token_file(&self, key: &str, value: Value) {
        let mut file = self.token_file();
        file[key] = value;
        std::fs::write(self.state("api_token.json"), file.to_string()).unwrap();
    }
}
