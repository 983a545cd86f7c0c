//! People and cités with fixed keys, each seed derived from a label, so that every run and every other
//! program makes the same bytes. None of these keys may ever be used outside tests.

use proto::{
    act::{Act, Admit, Level, Mirror},
    codec::{Bytes, Canonical as _},
    entry::RootAct,
    epoch::{KeyEpoch, RoleKeys, SignedKeyEpoch},
    founding::{Founding, Language, Network, RootKeys, RootSignature, Rules, SignedFounding},
    hash::{Use, digest},
    heirs::{Heirs, Will},
    ids::{CiteId, MemberId, NetworkId, OrderId},
    keys::{PublicKey, Purpose, SigningKey},
    membership::Terms,
    minutes::Minutes,
    order::{Head, Join, MemberRecord, Order, Rank, RankedKey, SignedOrder, Statement},
    request::Request,
    time::UtcDay,
};
use sha2::Digest as _;

/// The day on which everything in the examples happens: 2026-11-23.
pub const TODAY: UtcDay = UtcDay(20_780);

/// Returns the 32 bytes of a label: SHA-256 of `"pirate test seed "` and the label.
pub fn seed(label: &str) -> [u8; 32] {
    let mut sha = sha2::Sha256::new();
    sha.update(b"pirate test seed ");
    sha.update(label.as_bytes());
    sha.finalize().into()
}

/// Returns the first half of [`seed`]: a salt, serial or token.
pub fn salt(label: &str) -> [u8; 16] {
    let mut salt = [0; 16];
    for (to, from) in salt.iter_mut().zip(seed(label)) {
        *to = from;
    }
    salt
}

/// Returns the key whose seed is that of the label.
pub fn key(label: &str) -> SigningKey {
    SigningKey::from_seed(&seed(label))
}

/// Returns the network of all examples: a rehearsal.
pub fn network() -> Network {
    Network { name: "exemple".to_owned(), test: true }
}

/// A cité with all its secret keys.
#[derive(Clone)]
pub struct House {
    /// Short name; labels of the keys begin with it.
    pub slug: String,
    /// Root keys in the order of the set.
    pub roots: Vec<SigningKey>,
    /// Signs checkpoints.
    pub log: SigningKey,
    /// Cosigns other logs.
    pub mirror: SigningKey,
    /// Signs short cards.
    pub card: SigningKey,
    /// Identity of the node.
    pub network_key: SigningKey,
    /// The signed founding record.
    pub founding: SignedFounding,
    /// Identity of the cité.
    pub id: CiteId,
    /// Identity of the network.
    pub network: NetworkId,
}

impl House {
    /// Returns the cité `slug` with `threshold` of `roots` root keys and the proposed rules.
    pub fn new(slug: &str, name: &str, place: &str, threshold: u8, roots: u8) -> Self {
        let part = |role: &str| key(&format!("{slug} {role}"));
        let roots: Vec<SigningKey> = (0..roots).map(|i| part(&format!("root {i}"))).collect();
        let [log, mirror, card, network_key] = ["log", "mirror", "card", "network"].map(part);
        let founding = Founding {
            version: 1,
            network: network(),
            slug: slug.to_owned(),
            name: name.to_owned(),
            place: place.to_owned(),
            language: Language::French,
            root: RootKeys { threshold, keys: roots.iter().map(SigningKey::public).collect() },
            log_key: log.public(),
            mirror_key: mirror.public(),
            card_key: card.public(),
            network_key: network_key.public(),
            rules: Rules::default(),
            salt: salt(&format!("{slug} founding")),
        };
        Self {
            slug: slug.to_owned(),
            id: founding.id(),
            network: founding.network.id(),
            founding: SignedFounding::sign(founding, &roots),
            roots,
            log,
            mirror,
            card,
            network_key,
        }
    }

    /// Returns the keys of an incarnation after the first, as the root names them.
    pub fn role_keys(&self, incarnation: u32) -> [SigningKey; 4] {
        ["log", "mirror", "card", "network"]
            .map(|role| key(&format!("{} {role} {incarnation}", self.slug)))
    }

    /// Returns the key epoch of an incarnation, signed by all root keys.
    pub fn epoch(&self, incarnation: u32) -> SignedKeyEpoch {
        let [log, mirror, card, network] = self.role_keys(incarnation).map(|key| key.public());
        let keys = RoleKeys { log, mirror, card, network };
        let epoch = KeyEpoch { cite: self.id, incarnation, keys };
        SignedKeyEpoch::sign(epoch, &self.network, &self.roots)
    }

    /// Returns the heirs of this cité: two of three others, by their first root keys.
    pub fn heirs(&self) -> [SigningKey; 3] {
        ["mariniers", "ruchers", "vergers"].map(|slug| key(&format!("{slug} root 0")))
    }

    /// Returns the act of the root keys, number `seq`, that names them.
    pub fn names_heirs(&self, seq: u32) -> RootAct {
        let keys = self.heirs().iter().map(SigningKey::public).collect();
        let act = Act::Heirs(Heirs { keys: RootKeys { threshold: 2, keys } });
        let signing = self.founding.founding.root.threshold;
        let payload = RootAct::payload(self.id, seq, &act);
        let signatures = self.root_signatures(signing, &payload);
        RootAct { cite: self.id, seq, act, signatures }
    }

    /// Returns the will that the fourth act of the root keys is.
    pub fn will(&self) -> Will {
        Will::of(&self.names_heirs(4)).expect("it names heirs")
    }

    /// Returns the key epoch of an incarnation, asked for by the first and the last heir.
    pub fn petition(&self, incarnation: u32) -> SignedKeyEpoch {
        self.petition_on(self.will(), incarnation)
    }

    /// Returns the same on a will.
    pub fn petition_on(&self, will: Will, incarnation: u32) -> SignedKeyEpoch {
        let mut petition = SignedKeyEpoch::petition(self.epoch(incarnation).epoch, will);
        let [first, _, last] = self.heirs();
        assert!(petition.sign_as_heir(&self.network, &last));
        assert!(petition.sign_as_heir(&self.network, &first));
        petition
    }

    /// Returns the founding record with the keys of an incarnation after the first.
    pub fn founding_at(&self, incarnation: u32) -> SignedFounding {
        SignedFounding { epoch: Some(self.epoch(incarnation)), ..self.founding.clone() }
    }

    /// Returns this cité as a mirror of others' logs.
    pub fn as_mirror(&self) -> Mirror {
        Mirror { cite: self.id, key: self.mirror.public() }
    }

    /// Returns the signatures of the first `count` root keys over a root act's payload.
    pub fn root_signatures(&self, count: u8, payload: &[u8]) -> Vec<RootSignature> {
        (0..count)
            .zip(&self.roots)
            .map(|(key, root)| RootSignature {
                key,
                signature: root.sign(Purpose::RootAct, &self.network, payload),
            })
            .collect()
    }
}

/// Returns the weavers, the cité whose log the examples show: two of three root keys.
pub fn tisserandes() -> House {
    House::new("tisserandes", "Les Tisserandes", "Arles", 2, 3)
}

/// Returns the boatmen, its neighbour: one root key.
pub fn mariniers() -> House {
    House::new("mariniers", "Les Mariniers du Rhône", "Valence", 1, 1)
}

/// Returns the beekeepers, the third cité: one root key.
pub fn ruchers() -> House {
    House::new("ruchers", "Les Ruchers", "Die", 1, 1)
}

/// A person with a device key, recovery words' key, and the key that comes next.
pub struct Person {
    /// Label of the keys.
    pub label: String,
    /// Device key of lane 0.
    pub device: SigningKey,
    /// Key of the recovery words.
    pub words: SigningKey,
    /// The first record.
    pub record: MemberRecord,
    /// Identity.
    pub id: MemberId,
    /// The home.
    pub home: CiteId,
    /// The network.
    pub network: NetworkId,
}

impl Person {
    /// Returns the person `label`, at home in `house`.
    pub fn new(label: &str, house: &House) -> Self {
        let device = key(&format!("{label} device"));
        let words = key(&format!("{label} words"));
        let next = key(&format!("{label} next")).public();
        let ranked = |rank: Rank, key: PublicKey| RankedKey { rank, key };
        let record = MemberRecord {
            salt: salt(&format!("{label} record")),
            keys: vec![ranked(Rank::Device, device.public()), ranked(Rank::Words, words.public())],
            next_key: digest(Use::NextKey, &[&next.0]),
            home: house.id,
        };
        Self {
            label: label.to_owned(),
            device,
            words,
            id: record.id(),
            record,
            home: house.id,
            network: house.network,
        }
    }

    /// Returns an order of this person's device, number `seq` of lane 0, that saw the empty log and
    /// may be entered within thirty days.
    pub fn order(&self, seq: u64, prev: OrderId, statement: Statement) -> Order {
        Order {
            author: self.id,
            epoch: 0,
            network: self.network,
            home: self.home,
            lane: 0,
            seq,
            prev,
            seen: Head::empty(),
            valid_until: TODAY.plus(30),
            statement,
            body: None,
        }
    }

    /// Returns the Join with which this person asks to be admitted: the first order of lane 0.
    pub fn join(&self) -> SignedOrder {
        let join = Join { record: self.record.clone(), rules: 1, pledge: Minutes(0) };
        self.order(1, OrderId::NONE, Statement::Join(join)).sign(&self.device)
    }

    /// Returns the body of the act that admits this person for a year.
    pub fn admission(&self, level: Level) -> Admit {
        Admit {
            join: Bytes::from(self.join().bytes().to_vec()),
            terms: Terms { level, from: TODAY, until: TODAY.plus(365), allowance: Minutes(60) },
        }
    }

    /// Returns a request of this person for hours of whoever has it, without a text; not signed yet.
    pub fn request(&self, minutes: Minutes, serial: [u8; 16], until: UtcDay) -> Request {
        Request {
            version: 1,
            network: self.network,
            home: self.home,
            payee: self.id,
            epoch: 0,
            lane: 0,
            payer: None,
            minutes,
            serial,
            valid_until: until,
            body: None,
        }
    }
}

/// Returns the bytes of a cité's signed founding record, as other structures carry them.
pub fn founding_bytes(house: &House) -> Bytes {
    Bytes::from(house.founding.encode())
}
