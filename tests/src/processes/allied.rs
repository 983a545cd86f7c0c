//! Cités that were founded by typing what the README says, with people who joined by typing, too. What a
//! case needs to be true before it begins; nothing here decides whether one passes.

use std::path::Path;

use serde_json::Value;

use super::{Daemon, Home, free_address};

/// Short addresses of the two cités.
pub const SLUGS: [&str; 2] = ["tisserandes", "mariniers"];

/// Returns a person's home with a key, weakly locked: on a network for rehearsals only.
pub fn person(dir: &Path, name: &str) -> Home {
    let home = Home::at(dir.join(name));
    home.data(&["key", "new", "--test-lock", "--alias", name, "--words-output", "mots.txt"]);
    home
}

/// Returns the home of a cité that was founded in a few questions.
pub fn founded(dir: &Path, slug: &str) -> Home {
    let home = person(dir, slug);
    let line = ["cite", "found", "--name", slug, "--place", "Lyon", "--test-network", "--yes"];
    let founded = home.data(&[&line[..], &["--words-output", "mots-de-la-cite.txt"]].concat());
    assert_eq!(founded.get("slug").and_then(Value::as_str), Some(slug));
    home
}

/// Returns the home of a new member of a cité, invited, joined and admitted.
pub fn admitted(cite: &Home, dir: &Path, name: &str) -> Home {
    let invitation = cite.data(&["member", "invite"]);
    let member = person(dir, name);
    let text = text_of(&invitation);
    member.data(&["join", &text, "--accept-charter", "--yes"]);
    cite.data(&["member", "admit", "--all", "--yes"]);
    member
}

/// Returns the text of an invitation in what `member invite` says.
///
/// # Panics
/// When there is none.
pub fn text_of(invitation: &Value) -> String {
    let text = ["uri", "invitation"].iter().find_map(|key| invitation.get(key)?.as_str());
    text.unwrap_or_else(|| panic!("no invitation in {invitation}")).to_owned()
}

/// Two cités with a member each, allied both ways, and their running nodes.
pub struct Allied {
    /// The cités, called [`SLUGS`].
    pub cites: [Home; 2],
    /// Number 2 of each: Zoé of the first, Ana of the second.
    pub members: [Home; 2],
    /// The nodes.
    pub nodes: [Daemon; 2],
}

impl Allied {
    /// Makes all of it below `dir`.
    pub fn new(dir: &Path) -> Self {
        let cites = SLUGS.map(|slug| founded(dir, slug));
        let [here, there] = &cites;
        let nodes = [here, there].map(|cite| Daemon::start(cite, &["--listen", &free_address()]));
        let members = [admitted(here, dir, "zoe"), admitted(there, dir, "ana")];
        for (cite, other, slug) in [(here, there, SLUGS[1]), (there, here, SLUGS[0])] {
            let invitation = text_of(&other.data(&["member", "invite"]));
            cite.data(&["federation", "join", &invitation, "--yes"]);
            cite.data(&["federation", "ally", slug, "--limit", "100h", "--yes"]);
        }
        Self { cites, members, nodes }
    }
}
