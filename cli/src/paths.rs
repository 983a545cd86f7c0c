//! Where things are on this machine: settings, keys, node, socket (XDG, or everything under one home).
//! Only names places; creates and reads nothing.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

use crate::{codes, error::Failure, text, tree::Global};

/// Identity used when none is named.
pub const PROFILE_DEFAULT: &str = "default";
/// Longest profile name, in bytes: it becomes a file name.
const PROFILE_BYTES_MAX: usize = 64;
/// The places of one person or service on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    config: PathBuf,
    data: PathBuf,
    runtime: PathBuf,
    profile: String,
}

impl Paths {
    /// Returns the places for these flags: all under `--home` when it is given, else as XDG says.
    ///
    /// # Errors
    /// P0203 without a home directory, P0113 for a profile name that is no file name.
    pub fn new(global: &Global, env: impl Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let profile = global.profile.clone().unwrap_or_else(|| PROFILE_DEFAULT.to_owned());
        let named = profile.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        if profile.is_empty() || profile.len() > PROFILE_BYTES_MAX || !named {
            return Err(Failure::new(codes::PROFILE_NAME, text!("profile-name", name = profile)));
        }
        if let Some(home) = &global.home {
            let home = std::path::absolute(home).unwrap_or_else(|_| home.clone());
            return Ok(Self { config: home.clone(), data: home.clone(), runtime: home, profile });
        }
        let base = etcetera::choose_base_strategy()
            .map_err(|error| Failure::new(codes::NO_HOME, text!("no-home")).caused_by(&error))?;
        let data = base.data_dir().join("pirate");
        let runtime = env("XDG_RUNTIME_DIR")
            .map_or_else(|| data.clone(), |dir| PathBuf::from(dir).join("pirate"));
        Ok(Self { config: base.config_dir().join("pirate"), data, runtime, profile })
    }

    /// Returns the name of the identity in use.
    pub fn profile(&self) -> &str {
        &self.profile
    }

    /// Returns the settings file.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// Returns the directory of all that is kept.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Returns the directory of the key files.
    pub fn keys(&self) -> PathBuf {
        self.data.join("keys")
    }

    /// Returns the directory in which the wallet of the identity in use keeps its state and outbox.
    pub fn wallet(&self) -> PathBuf {
        self.data.join("wallets").join(&self.profile)
    }

    /// Returns the directory of the node (`log/`, `mirrors/`, `notes/`, `guard`…).
    pub fn node(&self) -> PathBuf {
        self.data.join("node")
    }

    /// Returns the path of the node's socket. It may be longer than the 108 bytes that the kernel keeps of
    /// such a path (unix(7)): server and client reach it through its folder (`node::socket`).
    pub fn socket(&self) -> PathBuf {
        self.runtime.join("node.sock")
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::Paths;
    use crate::tree::Global;

    fn at(home: &str, profile: &str) -> Option<Paths> {
        let global = Global {
            home: Some(PathBuf::from(home)),
            profile: Some(profile.to_owned()),
            ..Global::default()
        };
        Paths::new(&global, |_| None).ok()
    }

    #[test]
    fn one_home_holds_everything() {
        let paths = at("/somewhere", "zoe").expect("a plain name is a profile");
        for place in
            [paths.config_file(), paths.keys(), paths.wallet(), paths.node(), paths.socket()]
        {
            assert!(place.starts_with("/somewhere"), "{}", place.display());
        }
    }

    #[test]
    fn a_profile_cannot_leave_its_directory() {
        for name in ["../zoe", "a/b", "", ".", "zoé"] {
            assert_eq!(at("/somewhere", name), None, "{name}");
        }
    }
}
