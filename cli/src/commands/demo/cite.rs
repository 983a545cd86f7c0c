//! One cité of a demo: founded in a directory as `cite found` lays it out, its steward's key a real age
//! file that is opened once, its members' keys in memory, its node a process.

use std::{path::PathBuf, sync::Arc};

use ledger::{
    disk::Disk,
    home::{FoundingPlan, Home},
    proof::verify_founding,
};
use node::{
    home_dir::{Claimed, HomeDir},
    keyfile::Keys,
};
use proto::{
    act::{Act, Admit, Level, Mirror, MirrorSet, PeerOpen},
    codec::{Bytes, Canonical as _},
    desk::{Refused, Reply},
    entry::RootAct,
    founding::{
        Founding, Language, Network, RootKeys, RootSignature, Rules, SignedFounding,
        VerifiedFounding,
    },
    ids::CiteId,
    keys::{Purpose, SigningKey},
    membership::Terms,
    minutes::Minutes,
    order::{Head, SignedOrder, Statement},
    time::{UnixMillis, UtcDay},
};

use super::{
    chance::Chance,
    child::Running,
    figures::{CITES, DEFICIT_MAX, MEMBERS, line, others},
    ground::Ground,
    people::{Person, identity, submit},
};
use crate::{
    codes,
    context::Context,
    error::{Failure, file_failure},
    keyring::Identity,
    language::Lang,
    local::home_failure,
    reply,
    sealed::{Lock, write_new},
    text,
    wallet::{Membership, NewWallet, Wallet, receipt},
};

/// Name of the network: a rehearsal, whose hours do not count.
const NETWORK: &str = "demo";

/// Days of a card.
const CARD_DAYS: u64 = 365;

/// Name that the steward has on the device.
const STEWARD: &str = "Responsable";

/// A cité with its people and its node.
pub(super) struct Cite {
    /// Name, short name.
    pub(super) name: &'static str,
    /// Short name, and name of its directory.
    pub(super) slug: &'static str,
    /// Its founding record.
    pub(super) founding: VerifiedFounding,
    /// What it was founded with.
    pub(super) signed: SignedFounding,
    /// The root's acts at founding.
    pub(super) acts: Vec<RootAct>,
    /// The keys of its node.
    pub(super) keys: Keys,
    /// Its people, the steward first.
    pub(super) people: Vec<Person>,
    /// The directory of its node.
    pub(super) home: HomeDir,
    /// Its node, while it runs.
    pub(super) node: Option<Running>,
    /// The committed head that its people's devices know.
    pub(super) seen: Head,
    context: Context,
    port: u16,
}

/// An order that was answered with a receipt, or a numbered no.
pub(super) type Entered = Result<SignedOrder, Refused>;

impl Cite {
    /// Founds the cité at `place` of the list, with keys drawn from the seed. Its clock shows `now`.
    pub(super) fn found(
        ground: &Ground,
        context: &Context,
        chance: &mut Chance,
        place: usize,
        now: UnixMillis,
    ) -> Result<Self, Failure> {
        let (name, slug, commune) = CITES[place];
        let context = ground.context(context, slug)?;
        let steward = steward(&context, chance)?;
        let mut key = || SigningKey::from_seed(&chance.bytes());
        let keys = Keys { log: key(), mirror: key(), card: key(), network: key() };
        let root = key();
        let founding = Founding {
            version: 1,
            network: Network { name: NETWORK.to_owned(), test: true },
            slug: slug.to_owned(),
            name: name.to_owned(),
            place: commune.to_owned(),
            language: Language::French,
            root: RootKeys { threshold: 1, keys: vec![root.public()] },
            log_key: keys.log.public(),
            mirror_key: keys.mirror.public(),
            card_key: keys.card.public(),
            network_key: keys.network.public(),
            rules: Rules { deficit_max: Some(DEFICIT_MAX), ..Rules::default() },
            salt: chance.bytes(),
        };
        let (cite, network, today) = (founding.id(), founding.network.id(), now.day());
        let joining = |who: &Identity| Person::joining(who, cite, network, &founding.rules, today);
        let mut people = vec![joining(&steward)];
        people.extend((1..MEMBERS).map(|_| joining(&identity(chance, "", Lang::Fr))));
        let signed = SignedFounding::sign(founding, std::slice::from_ref(&root));
        let bytes = signed.encode();
        let founding = verify_founding(&bytes).map_err(|error| defect().caused_by(&error))?;
        let act = Act::Admit(admission(&people[0], Level::Steward, today));
        let payload = RootAct::payload(cite, 1, &act);
        let signature = root.sign(Purpose::RootAct, &network, &payload);
        let signatures = vec![RootSignature { key: 0, signature }];
        let acts = vec![RootAct { cite, seq: 1, act, signatures }];
        let home = HomeDir::new(context.paths.node());
        settle(&home, &keys, &signed, &acts, now)?;
        let new = NewWallet {
            founding: bytes,
            addresses: Vec::new(),
            join: people[0].join.clone(),
            token: None,
            alias: STEWARD.to_owned(),
            membership: Membership::Admitted,
            number: Some(1),
        };
        Wallet::create(&context, new)?;
        let port = free_port()?;
        configure(&context, port)?;
        Ok(Self {
            name,
            slug,
            founding,
            signed,
            acts,
            keys,
            people,
            home,
            node: None,
            seen: Head::empty(),
            context,
            port,
        })
    }

    /// Returns its identity.
    pub(super) fn id(&self) -> CiteId {
        self.founding.cite()
    }

    /// Returns where its node listens.
    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts its node.
    pub(super) fn start(&mut self, ground: &Ground) -> Result<(), Failure> {
        self.node = Some(Running::start(ground, &self.context, self.slug)?);
        Ok(())
    }

    /// Stops its node.
    pub(super) fn stop(&mut self) -> Result<(), Failure> {
        self.node.take().map_or(Ok(()), Running::stop)
    }

    /// Returns its node.
    pub(super) fn node(&mut self) -> Result<&mut Running, Failure> {
        self.node.as_mut().ok_or_else(defect)
    }

    /// Has the steward admit everybody else, one after the other.
    pub(super) fn admit_all(&mut self, today: UtcDay) -> Result<(), Failure> {
        for place in 1..self.people.len() {
            let admit = admission(&self.people[place], Level::Member, today);
            self.act(Act::Admit(admit), today)?;
        }
        Ok(())
    }

    /// Has the steward open accounts for two others, and make them the witnesses of this log.
    pub(super) fn ally(
        &mut self,
        place: usize,
        all: &[(Bytes, Mirror)],
        today: UtcDay,
    ) -> Result<(), Failure> {
        let mut mirrors = Vec::new();
        for other in others(place) {
            let (founding, mirror) = all.get(other).cloned().ok_or_else(defect)?;
            self.act(Act::PeerOpen(PeerOpen { founding, line: line(place, other) }), today)?;
            mirrors.push(mirror);
        }
        mirrors.sort_unstable();
        self.act(Act::MirrorSet(MirrorSet { mirrors }), today)
    }

    /// Returns this cité as others name it in their acts.
    pub(super) fn card(&self) -> (Bytes, Mirror) {
        let mirror = Mirror { cite: self.id(), key: self.keys.mirror.public() };
        (Bytes::from(self.signed.encode()), mirror)
    }

    fn act(&mut self, act: Act, today: UtcDay) -> Result<(), Failure> {
        let entered = self.enter(vec![(0, Statement::Act(act))], today)?;
        match entered.into_iter().next() {
            Some(Ok(_)) => Ok(()),
            Some(Err(refused)) => Err(crate::refusals::failure(&refused)),
            None => Err(defect()),
        }
    }

    /// Has people of this cité sign orders, hands them to the node at once, and checks each receipt
    /// against the founding record. Nobody may stand twice.
    pub(super) fn enter(
        &mut self,
        statements: Vec<(usize, Statement)>,
        today: UtcDay,
    ) -> Result<Vec<Entered>, Failure> {
        let mut signed = Vec::new();
        for (who, statement) in statements {
            let person = self.people.get(who).ok_or_else(defect)?;
            signed.push((who, person.sign(self.seen, today, statement, None)));
        }
        let calls = signed.iter().map(|(_, order)| submit(order, None)).collect();
        let replies = self.node()?.calls(calls)?;
        let mut entered = Vec::new();
        for ((who, order), reply) in signed.into_iter().zip(replies) {
            entered.push(match reply {
                Reply::Recorded(answer) => {
                    receipt::verify(&answer, order.id(), &self.founding)
                        .map_err(receipt::ReceiptError::failure)?;
                    if let Some(person) = self.people.get_mut(who) {
                        person.entered(&order);
                    }
                    Ok(order)
                }
                Reply::Refused(refused) => Err(refused),
                Reply::Unavailable(why) => return Err(reply::unavailable(why)),
                _ => return Err(reply::unexpected()),
            });
        }
        Ok(entered)
    }
}

/// Returns what is said when a step of the demo itself is wrong.
pub(super) fn defect() -> Failure {
    Failure::new(codes::BUG, text!("bug"))
}

/// Makes the steward's identity, locks it in an age file, and opens that file: the one unlock.
fn steward(context: &Context, chance: &mut Chance) -> Result<crate::keyring::Identity, Failure> {
    let drawn = identity(chance, STEWARD, Lang::Fr);
    let passphrase: String =
        chance.bytes::<16>().iter().map(|byte| format!("{byte:02x}")).collect();
    let path = context.global.passphrase_file.clone().ok_or_else(defect)?;
    write_new(&path, format!("{passphrase}\n").as_bytes()).map_err(|error| {
        Failure::new(codes::CANNOT_WRITE, text!("cannot-write", path = &path)).caused_by(&error)
    })?;
    let profile = context.paths.profile();
    context.keyring().create(profile, &drawn, None, &passphrase, Lock::Test)?;
    context.identity()
}

fn admission(person: &Person, level: Level, today: UtcDay) -> Admit {
    let join = Bytes::from(person.join.bytes().to_vec());
    let until = today.plus(CARD_DAYS);
    let allowance = Rules::default().allowance_max;
    Admit { join, terms: Terms { level, from: today, until, allowance } }
}

/// Writes keys and log, in the layout of `cite found`.
fn settle(
    home: &HomeDir,
    keys: &Keys,
    signed: &SignedFounding,
    acts: &[RootAct],
    now: UnixMillis,
) -> Result<(), Failure> {
    let cannot = |error: &(dyn std::error::Error + 'static)| {
        let failure = Failure::new(codes::CANNOT_WRITE, text!("cannot-write", path = home.root()));
        failure.caused_by(error)
    };
    let Claimed { disk, lock } = home.claim(now.0).map_err(|e| home_failure(home, &e))?;
    keys.create(&home.keys()).map_err(|error| cannot(&error))?;
    home.settle(disk.as_ref(), &signed.founding.id()).map_err(|e| home_failure(home, &e))?;
    let plan = FoundingPlan { signed: signed.clone(), acts: acts.to_vec() };
    let founded =
        Home::found(Arc::clone(&disk) as Arc<dyn Disk>, &home.index(), plan, keys.log.clone(), now);
    drop(founded.map_err(|error| cannot(&error))?);
    drop(lock);
    Ok(())
}

/// Returns a port that is free now. Somebody else may take it before the node does, and the node then
/// says so.
fn free_port() -> Result<u16, Failure> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0");
    let address = listener.and_then(|listener| listener.local_addr());
    let refuse = |error: std::io::Error| {
        Failure::new(codes::PORT_TAKEN, text!("node-network")).caused_by(&error)
    };
    Ok(address.map_err(refuse)?.port())
}

/// Writes the settings of the node: loopback only, always the same port.
fn configure(context: &Context, port: u16) -> Result<(), Failure> {
    let path: PathBuf = context.paths.config_file();
    let settings = format!("[node]\nlisten = [\"127.0.0.1:{port}\"]\n");
    std::fs::write(&path, settings).map_err(|error| file_failure(true, &path, &error))
}

/// Returns a line as the minutes that it lets through.
pub(super) fn line_minutes(of: usize, towards: usize) -> i64 {
    let Minutes(minutes) = line(of, towards);
    i64::from(minutes)
}
