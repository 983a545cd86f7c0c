//! How people are named in commands: `42`, `42@tisserandes`, `pmemb1…@tisserandes`, `commun`.
//! Finds out who that is by asking the homes; where a home is silent, the wallet remembers whom it paid or asked.

use proto::{
    desk::{Call, Name, Person as Resolved, Reply},
    founding::VerifiedFounding,
    ids::{Account, CiteId, MemberId},
    time::UtcDay,
};

use crate::{
    codes,
    error::Failure,
    language::Text,
    refusals::brief,
    reply::{is_silence, unexpected},
    sheet::named_so,
    text,
    wallet::{Wallet, desk::Desk, payees::Payee},
};

/// On whose word a person is who the command names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Word {
    /// The home's, now.
    Home,
    /// This wallet's: so the home said on this day, when the person was last paid or asked.
    Wallet(UtcDay),
    /// Nobody's but the command's: it has the identity, and the home is silent.
    Command,
}

impl Word {
    /// Returns the neutral word for programs.
    pub const fn neutral(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Wallet(_) => "wallet",
            Self::Command => "command",
        }
    }
}

/// Somebody who can be paid or asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// The home.
    pub home: CiteId,
    /// The home's short name.
    pub slug: String,
    /// The account there.
    pub account: Account,
    /// The member's number there, if known.
    pub number: Option<u32>,
    /// On whose word.
    pub word: Word,
}

impl Person {
    /// Returns the person as people read it: `42@tisserandes`.
    pub fn shown(&self) -> Text {
        let cite = self.slug.as_str();
        match (self.account, self.number) {
            (Account::Member(_), Some(number)) => {
                // As text: a number in a name has no thousands.
                text!("person-numbered", number = number.to_string(), cite = cite)
            }
            (Account::Member(id), None) => {
                text!("person-id", id = brief(&id.to_string()), cite = cite)
            }
            _ => text!("person-commons", cite = cite),
        }
    }

    /// Returns the member, unless it is the commons.
    pub fn member(&self) -> Option<MemberId> {
        match self.account {
            Account::Member(member) => Some(member),
            _ => None,
        }
    }

    /// Keeps in the wallet whose number this is, where the home just said so.
    ///
    /// # Errors
    /// P0201.
    pub fn remember(&self, wallet: &Wallet, today: UtcDay) -> Result<(), Failure> {
        match (self.word, self.member(), self.number) {
            (Word::Home, Some(member), Some(number)) => wallet.remember_payee(Payee {
                home: self.home,
                slug: self.slug.clone(),
                member,
                number,
                day: today,
            }),
            _ => Ok(()),
        }
    }

    /// Returns how a command names the person.
    pub fn typed(&self) -> String {
        match (self.account, self.number) {
            (Account::Member(_), Some(number)) => format!("{number}@{}", self.slug),
            (Account::Member(id), None) => format!("{id}@{}", self.slug),
            _ => "commons".to_owned(),
        }
    }
}

/// A person as typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Typed {
    /// The commons, and the cité behind the `@`.
    Commons(Option<String>),
    /// A member, and the cité behind the `@`.
    Member(Name, Option<String>),
}

/// Returns what `typed` names, or `None` when it names nobody.
pub fn parse(typed: &str) -> Option<Typed> {
    let typed = typed.trim();
    let (who, cite) = match typed.split_once('@') {
        Some((_, "")) => return None,
        Some((who, cite)) => (who, Some(cite.to_lowercase())),
        None => (typed, None),
    };
    if ["commons", "commun"].contains(&who.to_lowercase().as_str()) {
        return Some(Typed::Commons(cite));
    }
    let digits = !who.is_empty() && who.bytes().all(|byte| byte.is_ascii_digit());
    let name = if digits { Name::Number(who.parse().ok()?) } else { Name::Id(who.parse().ok()?) };
    Some(Typed::Member(name, cite))
}

/// Returns that `typed` names nobody: P0434.
pub fn unreadable(typed: &str) -> Failure {
    Failure::new(codes::PAYEE_UNREADABLE, text!("payee-unreadable", typed = typed))
}

/// Returns that nobody is called `typed`: P0404 for a number that no member can have, else P0434.
pub fn nobody(typed: &str) -> Failure {
    let who = typed.split_once('@').map_or(typed, |(who, _)| who).trim();
    let number = !who.is_empty() && who.bytes().all(|byte| byte.is_ascii_digit());
    if number && !typed.ends_with('@') {
        return Failure::new(codes::NO_SUCH_MEMBER, text!("payee-unknown", who = typed));
    }
    unreadable(typed)
}

/// Returns who `typed` is. Where the home is silent an identity is taken as it stands, and a number is the
/// one that this wallet paid: what is signed then waits, as hours for a cité that is off do.
///
/// # Errors
/// P0434 unreadable, P0404 unknown, P0702 unknown cité, or why nobody could be asked.
pub fn find(
    wallet: &Wallet,
    mut desk: Result<&mut Desk, Failure>,
    typed: &str,
) -> Result<Person, Failure> {
    let parsed = parse(typed).ok_or_else(|| nobody(typed))?;
    let (Typed::Commons(cite) | Typed::Member(_, cite)) = &parsed;
    let own = cite
        .as_deref()
        .is_none_or(|cite| cite == wallet.slug() || cite == wallet.home().to_string());
    let (name, cite) = match parsed {
        Typed::Commons(_) if own => {
            return Ok(of_commons(wallet));
        }
        Typed::Commons(_) => {
            let abroad = text!("cite-abroad-commons");
            return Err(Failure::new(codes::PAYEE_UNREADABLE, abroad));
        }
        Typed::Member(name, cite) => (name, cite),
    };
    let (home, slug) = match cite {
        Some(cite) if !own => place(wallet, &mut desk, &cite)?,
        _ => (wallet.home(), wallet.slug().to_owned()),
    };
    let person = |member, number, word| Person {
        home,
        slug: slug.clone(),
        account: Account::Member(member),
        number,
        word,
    };
    match desk.and_then(|desk| resolve(desk, home, name)) {
        Ok(Some(found)) => Ok(person(found.member, Some(found.number), Word::Home)),
        Ok(None) => Err(Failure::new(codes::NO_SUCH_MEMBER, text!("payee-unknown", who = typed))),
        Err(failure) if is_silence(&failure) => match (remembered(wallet, home, name), name) {
            (Some(payee), _) => {
                Ok(person(payee.member, Some(payee.number), Word::Wallet(payee.day)))
            }
            (None, Name::Id(id)) => Ok(person(id, None, Word::Command)),
            (None, Name::Number(number)) => Err(unasked(&failure, number, &slug)),
        },
        Err(failure) => Err(failure),
    }
}

/// Returns the cité that is named behind the `@`, as the own home knows it; while that is silent, as this
/// wallet does, or by its identity.
fn place(
    wallet: &Wallet,
    desk: &mut Result<&mut Desk, Failure>,
    cite: &str,
) -> Result<(CiteId, String), Failure> {
    let found = match desk {
        Ok(desk) => find_cite(desk, cite),
        Err(failure) => Err(failure.clone()),
    };
    match found {
        Ok(record) => Ok((record.cite(), record.founding().slug.clone())),
        Err(failure) if is_silence(&failure) => {
            let mut homes: Vec<(CiteId, String)> = wallet
                .payees()
                .into_iter()
                .filter(|payee| payee.slug == cite || payee.home.to_string() == cite)
                .map(|payee| (payee.home, payee.slug))
                .collect();
            homes.sort();
            homes.dedup_by_key(|(home, _)| *home);
            match (homes.pop(), homes.is_empty()) {
                // Two of one name: only their identities tell them apart.
                (Some(home), true) => Ok(home),
                _ => match cite.parse::<CiteId>() {
                    Ok(home) => Ok((home, brief(cite))),
                    Err(_) => Err(failure),
                },
            }
        }
        Err(failure) => Err(failure),
    }
}

/// Returns whom this wallet paid under a name.
fn remembered(wallet: &Wallet, home: CiteId, name: Name) -> Option<Payee> {
    wallet.payees().into_iter().rev().find(|payee| {
        payee.home == home
            && match name {
                Name::Number(number) => payee.number == number,
                Name::Id(id) => payee.member == id,
            }
    })
}

/// Says of a silent home that only it knows whose number this is, and what can be done meanwhile.
fn unasked(failure: &Failure, number: u32, slug: &str) -> Failure {
    let number = number.to_string();
    let said = match failure.code() {
        code if code == codes::HOME_UNREACHABLE => {
            Failure::new(code, text!("person-home-silent", cite = slug)).fix(&[
                "pirate",
                "federation",
                "list",
            ])
        }
        _ => failure.clone(),
    };
    said.because(text!("person-number-unknown", number = number, cite = slug))
}

/// Returns the person behind an identity; without its number when nobody can be asked.
pub fn of_id(
    wallet: &Wallet,
    desk: Result<&mut Desk, Failure>,
    home: CiteId,
    member: MemberId,
) -> Person {
    let paid = remembered(wallet, home, Name::Id(member));
    let unasked = |slug: String| Person {
        home,
        slug,
        account: Account::Member(member),
        number: paid.as_ref().map(|payee| payee.number),
        word: paid.as_ref().map_or(Word::Command, |payee| Word::Wallet(payee.day)),
    };
    let unnamed = || match (home == wallet.home(), &paid) {
        (true, _) => wallet.slug().to_owned(),
        (false, Some(payee)) => payee.slug.clone(),
        (false, None) => brief(&home.to_string()),
    };
    let Ok(desk) = desk else { return unasked(unnamed()) };
    let slug = if home == wallet.home() {
        wallet.slug().to_owned()
    } else {
        find_cite(desk, &home.to_string())
            .map_or_else(|_| unnamed(), |record| record.founding().slug.clone())
    };
    match resolve(desk, home, Name::Id(member)) {
        Ok(found) => {
            Person { number: found.map(|found| found.number), word: Word::Home, ..unasked(slug) }
        }
        Err(_) => unasked(slug),
    }
}

fn of_commons(wallet: &Wallet) -> Person {
    let (home, slug) = (wallet.home(), wallet.slug().to_owned());
    Person { home, slug, account: Account::Commons, number: None, word: Word::Home }
}

fn resolve(desk: &mut Desk, home: CiteId, name: Name) -> Result<Option<Resolved>, Failure> {
    match desk.call_at(home, Call::Resolve(name))? {
        Reply::Person(found) => Ok(found.filter(|found| match name {
            Name::Number(number) => found.number == number,
            Name::Id(id) => found.member == id,
        })),
        _ => Err(unexpected()),
    }
}

/// Returns the founding record of a cité known to the node, by its short name or its identity.
///
/// # Errors
/// P0702 when there is none or more than one of this name.
pub fn find_cite(desk: &mut Desk, typed: &str) -> Result<VerifiedFounding, Failure> {
    let Reply::Cites(known) = desk.call(Call::Cites)? else {
        return Err(unexpected());
    };
    let mut found: Vec<VerifiedFounding> =
        named_so(&known, typed).into_iter().map(|(record, _)| record).collect();
    match (found.pop(), found.is_empty()) {
        (Some(record), true) => Ok(record),
        (Some(_), false) => Err(Failure::new(codes::NO_SUCH_CITE, text!("cite-two", slug = typed))),
        (None, _) => Err(Failure::new(codes::NO_SUCH_CITE, text!("cite-unknown", slug = typed))
            .fix(&["pirate", "federation", "list"])),
    }
}

#[cfg(test)]
mod tests {
    use proto::{
        desk::Name,
        hash::Hash,
        ids::{Account, CiteId, MemberId},
    };

    use super::{Person, Typed, Word, parse};
    use crate::language::Lang;

    #[test]
    fn people_are_named_by_number_identity_or_as_the_commons() {
        let id = MemberId(Hash([7; 32]));
        assert_eq!(parse("42"), Some(Typed::Member(Name::Number(42), None)));
        assert_eq!(
            parse(" 42@Tisserandes "),
            Some(Typed::Member(Name::Number(42), Some("tisserandes".to_owned())))
        );
        assert_eq!(parse(&id.to_string()), Some(Typed::Member(Name::Id(id), None)));
        assert_eq!(
            parse(&format!("{id}@quai-nord")),
            Some(Typed::Member(Name::Id(id), Some("quai-nord".to_owned())))
        );
        for commons in ["commons", "Commun"] {
            assert_eq!(parse(commons), Some(Typed::Commons(None)));
        }
        let of = Some("tisserandes".to_owned());
        assert_eq!(parse("commun@tisserandes"), Some(Typed::Commons(of)));
        for nobody in ["", "@tisserandes", "42@", "zoé", "-3", "99999999999", "pmemb1qqq", "4 2"] {
            assert_eq!(parse(nobody), None, "{nobody}");
        }
    }

    #[test]
    fn a_person_is_shown_as_typed() {
        let person = Person {
            home: CiteId(Hash([1; 32])),
            slug: "tisserandes".to_owned(),
            account: Account::Member(MemberId(Hash([7; 32]))),
            number: Some(1_042),
            word: Word::Home,
        };
        for lang in Lang::ALL {
            assert_eq!(lang.say(&person.shown()), "1042@tisserandes");
        }
        assert_eq!(person.typed(), "1042@tisserandes");
        let commons = Person { account: Account::Commons, number: None, ..person };
        assert_eq!(Lang::Fr.say(&commons.shown()), "commun@tisserandes");
    }
}
