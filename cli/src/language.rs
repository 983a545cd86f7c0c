//! The two catalogues (French and English): which one speaks, and how a sentence is filled in.
//! Nothing here prints; sentences of people stand in `catalogue/{fr,en}/*.ftl` and nowhere else.

use std::ffi::OsStr;
use std::sync::OnceLock;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use proto::time::{UnixMillis, UtcDay};
use unic_langid::LanguageIdentifier;

use crate::{amount, dates, output::visible, tree};

/// A language that the program speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lang {
    /// French, the first language of the project.
    Fr,
    /// English.
    En,
}

const FILES_FR: &[&str] = &[
    include_str!("catalogue/fr/commands.ftl"),
    include_str!("catalogue/fr/codes.ftl"),
    include_str!("catalogue/fr/program.ftl"),
    include_str!("catalogue/fr/keys.ftl"),
    include_str!("catalogue/fr/audit.ftl"),
    include_str!("catalogue/fr/member.ftl"),
    include_str!("catalogue/fr/membership.ftl"),
    include_str!("catalogue/fr/cite.ftl"),
    include_str!("catalogue/fr/node.ftl"),
    include_str!("catalogue/fr/demo.ftl"),
];
const FILES_EN: &[&str] = &[
    include_str!("catalogue/en/commands.ftl"),
    include_str!("catalogue/en/codes.ftl"),
    include_str!("catalogue/en/program.ftl"),
    include_str!("catalogue/en/keys.ftl"),
    include_str!("catalogue/en/audit.ftl"),
    include_str!("catalogue/en/member.ftl"),
    include_str!("catalogue/en/membership.ftl"),
    include_str!("catalogue/en/cite.ftl"),
    include_str!("catalogue/en/node.ftl"),
    include_str!("catalogue/en/demo.ftl"),
];

impl Lang {
    /// Both languages.
    pub const ALL: [Self; 2] = [Self::Fr, Self::En];

    /// Returns the two letters: `fr`, `en`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// Returns the language of a tag or locale such as `fr`, `en_GB.UTF-8`, `C`; `None` for a language
    /// that we do not speak. `C` and `POSIX` say nothing about people, so they are French.
    pub fn of_locale(locale: &str) -> Option<Self> {
        let tag = locale.split(['.', '@', '_', '-']).next().unwrap_or_default();
        match tag.to_ascii_lowercase().as_str() {
            "fr" | "c" | "posix" => Some(Self::Fr),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// Returns the language of this run: `--lang`, then `PIRATE_LANG`, `LC_ALL`, `LC_MESSAGES`, `LANG`
    /// (the first that names a language we speak), then French.
    pub fn choose(args: &[impl AsRef<OsStr>], env: impl Fn(&str) -> Option<String>) -> Self {
        let words = args.iter().map(|arg| arg.as_ref().to_string_lossy());
        let mut words = words.take_while(|word| word != "--");
        while let Some(word) = words.next() {
            let value = match word.strip_prefix("--lang=") {
                Some(value) => Some(value.to_owned()),
                None if word == "--lang" => words.next().map(|value| value.into_owned()),
                None => None,
            };
            if let Some(lang) = value.and_then(|value| Self::of_locale(&value)) {
                return lang;
            }
        }
        ["PIRATE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(&env)
            .find_map(|value| Self::of_locale(&value))
            .unwrap_or(Self::Fr)
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        static FR: OnceLock<FluentBundle<FluentResource>> = OnceLock::new();
        static EN: OnceLock<FluentBundle<FluentResource>> = OnceLock::new();
        match self {
            Self::Fr => FR.get_or_init(|| load(self, FILES_FR)),
            Self::En => EN.get_or_init(|| load(self, FILES_EN)),
        }
    }

    /// Returns whether the catalogue holds a message of this id.
    pub fn has(self, id: &str) -> bool {
        self.bundle().has_message(id)
    }

    /// Returns the sentence `id`, which takes no arguments.
    pub fn t(self, id: &str) -> String {
        self.fill(id, None, &[]).unwrap_or_else(|| missing(id))
    }

    /// Returns the sentence of `text`, filled in.
    pub fn say(self, text: &Text) -> String {
        self.fill(&text.id, None, &text.args).unwrap_or_else(|| missing(&text.id))
    }

    /// Returns the attribute `name` of the message `id`, or `None` when there is none.
    pub fn attribute(self, id: &str, name: &str) -> Option<String> {
        self.fill(id, Some(name), &[])
    }

    /// Returns `value` as people read it.
    pub fn show(self, value: &Value) -> String {
        match value {
            Value::Text(text) => visible(text).into_owned(),
            Value::Long { short, .. } => visible(short).into_owned(),
            Value::Count(count) => group(self, *count),
            Value::Minutes(minutes) => amount::show(self, *minutes),
            Value::Limit(minutes) => amount::show_limit(self, *minutes),
            Value::Instant(instant) => dates::show_instant(self, *instant),
            Value::Day(day) => dates::show_day(self, *day),
            Value::Command(argv) => tree::spoken(self, argv),
            Value::Sentence(text) => self.say(text),
        }
    }

    /// Returns `value` as programs and copyists need it: nothing is shortened.
    pub fn show_whole(self, value: &Value) -> String {
        match value {
            Value::Long { whole, .. } => visible(whole).into_owned(),
            other => self.show(other),
        }
    }

    fn fill(
        self,
        id: &str,
        attribute: Option<&str>,
        args: &[(&'static str, Value)],
    ) -> Option<String> {
        let bundle = self.bundle();
        let message = bundle.get_message(id)?;
        let pattern = match attribute {
            Some(name) => message.get_attribute(name)?.value(),
            None => message.value()?,
        };
        let mut filled = FluentArgs::new();
        for (name, value) in args {
            match value {
                Value::Count(count) => filled.set(*name, FluentValue::from(*count)),
                other => filled.set(*name, FluentValue::from(self.show(other))),
            }
        }
        let mut errors = Vec::new();
        let sentence = bundle.format_pattern(pattern, Some(&filled), &mut errors);
        debug_assert!(errors.is_empty(), "{id}: {errors:?}");
        Some(sentence.into_owned())
    }
}

/// A key that is in no catalogue is our mistake; a test finds it. In front of people the bare key is
/// still better than nothing.
fn missing(id: &str) -> String {
    debug_assert!(false, "{id} is in no catalogue");
    id.to_owned()
}

fn load(lang: Lang, files: &[&'static str]) -> FluentBundle<FluentResource> {
    let locale: LanguageIdentifier = lang.tag().parse().expect("two letters are a language");
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    // Isolation marks (U+2068, U+2069) show up as boxes in terminals.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match lang {
        Lang::Fr => |value, _| number(Lang::Fr, value),
        Lang::En => |value, _| number(Lang::En, value),
    }));
    for file in files {
        let resource = FluentResource::try_new((*file).to_owned())
            .unwrap_or_else(|(_, errors)| panic!("a catalogue does not parse: {errors:?}"));
        bundle.add_resource(resource).expect("no id stands twice in the catalogues");
    }
    bundle
}

fn number(lang: Lang, value: &FluentValue<'_>) -> Option<String> {
    match value {
        // Counts are integers far below 2^53, so nothing is lost on the way.
        FluentValue::Number(number) => {
            format!("{:.0}", number.value).parse().ok().map(|n| group(lang, n))
        }
        _ => None,
    }
}

/// Returns an integer with its thousands apart: `4 812` (no-break space), `4,812`.
fn group(lang: Lang, count: i64) -> String {
    let digits = count.unsigned_abs().to_string();
    let apart = match lang {
        Lang::Fr => '\u{a0}',
        Lang::En => ',',
    };
    let mut shown = String::from(if count < 0 { "\u{2212}" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            shown.push(apart);
        }
        shown.push(digit);
    }
    shown
}

/// Something that a sentence is filled in with; shown in the language of the reader.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// Words as they are: names, ids, file names; one line, whatever they hold.
    Text(String),
    /// Something long with its short form, which people read; plain tables have the whole of it.
    Long {
        /// What people read.
        short: String,
        /// What can be copied.
        whole: String,
    },
    /// A number of things; chooses the plural.
    Count(i64),
    /// Service time in minutes, with its sign: `1 h 30`, `−0 h 45`.
    Minutes(i64),
    /// A limit in minutes: whole hours without their zero minutes, a plus sign when positive.
    Limit(i64),
    /// An instant, in the local zone.
    Instant(UnixMillis),
    /// A day.
    Day(UtcDay),
    /// A command line in canonical English; shown under its name in the reader's language.
    Command(Vec<String>),
    /// Another sentence.
    Sentence(Box<Text>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&std::path::Path> for Value {
    fn from(path: &std::path::Path) -> Self {
        Self::Text(path.display().to_string())
    }
}

impl From<&std::path::PathBuf> for Value {
    fn from(path: &std::path::PathBuf) -> Self {
        Self::from(path.as_path())
    }
}

impl From<usize> for Value {
    fn from(count: usize) -> Self {
        Self::Count(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<u64> for Value {
    fn from(count: u64) -> Self {
        Self::Count(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Value {
    fn from(count: u32) -> Self {
        Self::Count(count.into())
    }
}

impl From<i64> for Value {
    fn from(count: i64) -> Self {
        Self::Count(count)
    }
}

impl From<proto::minutes::Minutes> for Value {
    fn from(minutes: proto::minutes::Minutes) -> Self {
        Self::Minutes(minutes.0.into())
    }
}

impl From<proto::minutes::Balance> for Value {
    fn from(balance: proto::minutes::Balance) -> Self {
        Self::Minutes(balance.0)
    }
}

impl From<UnixMillis> for Value {
    fn from(instant: UnixMillis) -> Self {
        Self::Instant(instant)
    }
}

impl From<UtcDay> for Value {
    fn from(day: UtcDay) -> Self {
        Self::Day(day)
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::Sentence(Box::new(text))
    }
}

/// A sentence of the catalogues with what fills it in; belongs to no language until it is said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    id: String,
    args: Vec<(&'static str, Value)>,
}

impl Text {
    /// Returns the sentence `id` without arguments.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), args: Vec::new() }
    }

    /// Returns the sentence with one more argument.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.args.push((name, value.into()));
        self
    }
}

/// `text!("paid", amount = minutes, name = "Zoé")`: a [`Text`] in one line.
#[macro_export]
macro_rules! text {
    ($id:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::language::Text::new($id)$(.with(stringify!($name), $value))*
    };
}

#[cfg(test)]
#[path = "language_tests.rs"]
mod tests;
