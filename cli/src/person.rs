//! How people are named in commands: `42`, `42@tisserandes`, `pmemb1…@tisserandes`, `commun`.
//! Finds out who that is by asking the homes; keeps no list of its own.

use ledger::proof::verify_founding;
use proto::{
    desk::{Call, Name, Person as Resolved, Reply},
    founding::VerifiedFounding,
    ids::{Account, CiteId, MemberId},
};

use crate::{
    codes,
    error::Failure,
    language::Text,
    refusals::brief,
    reply::unexpected,
    text,
    wallet::{Wallet, desk::Desk},
};

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

/// Returns who `typed` is. Without a way to the home only the commons and identities of the own cité
/// are known.
///
/// # Errors
/// P0434 unreadable, P0404 unknown, P0702 unknown cité, or why nobody could be asked.
pub fn find(
    wallet: &Wallet,
    desk: Result<&mut Desk, Failure>,
    typed: &str,
) -> Result<Person, Failure> {
    let parsed = parse(typed).ok_or_else(|| unreadable(typed))?;
    let (Typed::Commons(cite) | Typed::Member(_, cite)) = &parsed;
    let own = cite
        .as_deref()
        .is_none_or(|cite| cite == wallet.slug() || cite == wallet.home().to_string());
    let (name, cite) = match parsed {
        Typed::Commons(_) if own => return Ok(of_home(wallet, Account::Commons, None)),
        Typed::Commons(_) => {
            let abroad = text!("cite-abroad-commons");
            return Err(Failure::new(codes::PAYEE_UNREADABLE, abroad));
        }
        Typed::Member(name, cite) => (name, cite),
    };
    let desk = match (desk, own, name) {
        (Ok(desk), ..) => desk,
        (Err(_), true, Name::Id(id)) => return Ok(of_home(wallet, Account::Member(id), None)),
        (Err(failure), ..) => return Err(failure),
    };
    let (home, slug) = match cite {
        Some(cite) if !own => {
            let record = find_cite(desk, &cite)?;
            (record.cite(), record.founding().slug.clone())
        }
        _ => (wallet.home(), wallet.slug().to_owned()),
    };
    let resolved = resolve(desk, home, name)?
        .ok_or_else(|| Failure::new(codes::NO_SUCH_MEMBER, text!("payee-unknown", who = typed)))?;
    let (account, number) = (Account::Member(resolved.member), Some(resolved.number));
    Ok(Person { home, slug, account, number })
}

/// Returns the person behind an identity; without its number when nobody can be asked.
pub fn of_id(
    wallet: &Wallet,
    desk: Result<&mut Desk, Failure>,
    home: CiteId,
    member: MemberId,
) -> Person {
    let own = home == wallet.home();
    let unknown =
        |slug: String| Person { home, slug, account: Account::Member(member), number: None };
    let Ok(desk) = desk else {
        return unknown(if own { wallet.slug().to_owned() } else { brief(&home.to_string()) });
    };
    let slug = if own {
        wallet.slug().to_owned()
    } else {
        find_cite(desk, &home.to_string())
            .map_or_else(|_| brief(&home.to_string()), |record| record.founding().slug.clone())
    };
    let number = resolve(desk, home, Name::Id(member)).ok().flatten().map(|found| found.number);
    Person { number, ..unknown(slug) }
}

fn of_home(wallet: &Wallet, account: Account, number: Option<u32>) -> Person {
    Person { home: wallet.home(), slug: wallet.slug().to_owned(), account, number }
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
    let mut found: Vec<VerifiedFounding> = known
        .iter()
        .filter_map(|known| verify_founding(&known.founding).ok())
        .filter(|record| record.founding().slug == typed || record.cite().to_string() == typed)
        .collect();
    found.dedup_by_key(|record| record.cite());
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

    use super::{Person, Typed, parse};
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
        };
        for lang in Lang::ALL {
            assert_eq!(lang.say(&person.shown()), "1042@tisserandes");
        }
        assert_eq!(person.typed(), "1042@tisserandes");
        let commons = Person { account: Account::Commons, number: None, ..person };
        assert_eq!(Lang::Fr.say(&commons.shown()), "commun@tisserandes");
    }
}
