//! What is known of a command without running it: names in both languages, arguments, section.
//! Only the shape; the table itself is in `specs`.

use clap::{Arg, ArgAction};

use super::Word;
use crate::language::Lang;

/// How an argument is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// By its place; `required` or not.
    Place {
        /// Whether the command needs it.
        required: bool,
        /// Whether it may stand several times.
        many: bool,
    },
    /// `--name`.
    Flag,
    /// `--name VALUE`; several times when `many`.
    Option {
        /// Whether it may stand several times.
        many: bool,
    },
}

/// One argument of a command. Its help is the attribute of the same name of the command's message.
#[derive(Clone, Copy, Debug)]
pub struct ArgSpec {
    /// Id, and the long flag.
    pub id: &'static str,
    /// How it is given.
    pub kind: Kind,
    /// Catalogue id of what stands for the value.
    pub value: &'static str,
    /// One-letter flag.
    pub short: Option<char>,
    /// The only values, when not empty.
    pub choices: &'static [&'static str],
    /// Left out of help pages.
    pub hidden: bool,
}

impl ArgSpec {
    const fn of(id: &'static str, kind: Kind, value: &'static str) -> Self {
        Self { id, kind, value, short: None, choices: &[], hidden: false }
    }

    pub(super) const fn choices(mut self, choices: &'static [&'static str]) -> Self {
        self.choices = choices;
        self
    }

    pub(super) const fn short(mut self, short: char) -> Self {
        self.short = Some(short);
        self
    }

    pub(super) const fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    pub(super) fn build(&self, lang: Lang) -> Arg {
        let mut arg = Arg::new(self.id).hide(self.hidden);
        arg = match self.kind {
            Kind::Place { required, many } => {
                let arg = arg.required(required).value_name(lang.t(self.value));
                if many { arg.action(ArgAction::Append).num_args(0..) } else { arg }
            }
            Kind::Flag => arg.long(self.id).action(ArgAction::SetTrue),
            Kind::Option { many } => {
                let action = if many { ArgAction::Append } else { ArgAction::Set };
                arg.long(self.id).action(action).value_name(lang.t(self.value))
            }
        };
        // A limit or an amount may begin with a minus; it is then refused in words of ours.
        if matches!(self.value, "val-limits" | "val-amount") {
            arg = arg.allow_hyphen_values(true);
        }
        if !self.choices.is_empty() {
            arg = arg.value_parser(self.choices.to_vec());
        }
        match self.short {
            Some(short) => arg.short(short),
            None => arg,
        }
    }
}

pub(super) const fn need(id: &'static str, value: &'static str) -> ArgSpec {
    ArgSpec::of(id, Kind::Place { required: true, many: false }, value)
}

pub(super) const fn maybe(id: &'static str, value: &'static str) -> ArgSpec {
    ArgSpec::of(id, Kind::Place { required: false, many: false }, value)
}

pub(super) const fn several(id: &'static str, value: &'static str, required: bool) -> ArgSpec {
    ArgSpec::of(id, Kind::Place { required, many: true }, value)
}

pub(super) const fn flag(id: &'static str) -> ArgSpec {
    ArgSpec::of(id, Kind::Flag, "")
}

pub(super) const fn opt(id: &'static str, value: &'static str) -> ArgSpec {
    ArgSpec::of(id, Kind::Option { many: false }, value)
}

pub(super) const fn opts(id: &'static str, value: &'static str) -> ArgSpec {
    ArgSpec::of(id, Kind::Option { many: true }, value)
}

/// Where `pirate help all` lists a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Section {
    /// Start, state, help.
    Start,
    /// Identity and keys.
    Keys,
    /// What members do.
    Member,
    /// What stewards and whoever runs a cité do.
    Cite,
    /// The node.
    Node,
    /// Logs and audit.
    Audit,
}

impl Section {
    /// The sections, in the order of `pirate help all`.
    pub const ALL: [Self; 6] =
        [Self::Start, Self::Keys, Self::Member, Self::Cite, Self::Node, Self::Audit];

    /// Returns the catalogue id of its heading.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Start => "section-start",
            Self::Keys => "section-keys",
            Self::Member => "section-member",
            Self::Cite => "section-cite",
            Self::Node => "section-node",
            Self::Audit => "section-audit",
        }
    }
}

/// One command.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Canonical name, in English.
    pub en: &'static str,
    /// French name without accents.
    pub fr: &'static str,
    /// French name as it is spelt.
    pub accented: &'static str,
    /// Where `help all` lists it.
    pub section: Section,
    /// Its own arguments.
    pub args: &'static [ArgSpec],
}

/// The words of a command's name: one, or family and leaf.
#[derive(Clone, Debug)]
pub(crate) struct Names(pub(crate) Vec<Word>);

impl Names {
    pub(super) fn family(&self) -> Option<Word> {
        (self.0.len() > 1).then(|| self.0.first().copied()).flatten()
    }

    pub(super) fn leaf(&self) -> Word {
        *self.0.last().expect("a name has at least one word")
    }
}

impl Spec {
    /// Returns the id of its message in the catalogues: `cmd-key-show`.
    pub fn id(&self) -> String {
        format!("cmd-{}", self.en.replace(' ', "-"))
    }

    /// Returns its name in the reader's language.
    pub fn name(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::Fr => self.fr,
            Lang::En => self.en,
        }
    }

    pub(crate) fn names(&self) -> Names {
        let words = self.en.split(' ').zip(self.fr.split(' ')).zip(self.accented.split(' '));
        Names(words.map(|((en, fr), accented)| Word { en, fr, accented }).collect())
    }
}

pub(super) const fn spec(
    en: &'static str,
    fr: &'static str,
    accented: &'static str,
    section: Section,
    args: &'static [ArgSpec],
) -> Spec {
    Spec { en, fr, accented, section, args }
}
