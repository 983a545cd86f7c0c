//! Two members who pay each other through the desk until the node says no, and what must be true from then on.
//! They keep every order with its receipt, as wallets do.

use std::time::Instant;

use harness::processes::{Daemon, Home, PATIENCE, Site, Wallet, wait_for};
use proto::{
    desk::{Receipt, Reply, Unavailable},
    ids::Account,
    minutes::Minutes,
    order::{Head, Pay, SignedOrder, Statement},
};

/// Two members with everything that was acknowledged.
pub(super) struct Paying<'a> {
    site: &'a Site,
    /// The first pays next, so that nobody meets a limit.
    wallets: [Wallet<'a>; 2],
    acknowledged: Vec<(SignedOrder, Receipt)>,
    /// Signed and not acknowledged; it may have been recorded all the same.
    open: Option<SignedOrder>,
}

impl<'a> Paying<'a> {
    pub(super) fn new(site: &'a Site) -> Self {
        let wallets = [1, 2].map(|who| site.wallet(who));
        Self { site, wallets, acknowledged: Vec::new(), open: None }
    }

    /// Sends an order, again while the node is only starting to sign.
    fn send(&self, order: &SignedOrder) -> Reply {
        wait_for("a node that is awake", || {
            let reply = self.site.desk().expect("the node runs").submit(order).expect("it replies");
            (reply != Reply::Unavailable(Unavailable::Waking)).then_some(reply)
        })
    }

    /// Pays once, or sends again what is still open, and returns the reply.
    pub(super) fn pay(&mut self) -> Reply {
        let order = self.open.take().unwrap_or_else(|| {
            let [payer, payee] = &self.wallets;
            let payee = Account::Member(payee.person.id);
            let pay = Pay { payee, minutes: Minutes(15), request: None };
            payer.sign(Head::empty(), Statement::Pay(pay))
        });
        let reply = self.send(&order);
        match &reply {
            Reply::Recorded(receipt) => {
                let [payer, _] = &mut self.wallets;
                payer.recorded(&order);
                self.wallets.reverse();
                self.acknowledged.push((order, (**receipt).clone()));
            }
            _ => self.open = Some(order),
        }
        reply
    }

    /// Pays so many times.
    pub(super) fn pay_times(&mut self, times: usize) {
        for _ in 0..times {
            let reply = self.pay();
            assert!(matches!(reply, Reply::Recorded(_)), "{reply:?}");
        }
    }

    /// Pays until the node says no.
    pub(super) fn pay_until_no(&mut self) -> Unavailable {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.pay() {
                Reply::Recorded(_) => {}
                Reply::Unavailable(why) => return why,
                other => panic!("neither receipt nor silence: {other:?}"),
            }
            assert!(Instant::now() < until, "{} payments, and yes to all", self.acknowledged.len());
        }
    }

    /// What must be true of a node whose disk failed: it stays at no, answers all the same, and says what is
    /// wrong and what to do to whoever runs it.
    pub(super) fn stays_at_no(&mut self, node: &Daemon) {
        for _ in 0..3 {
            assert_eq!(self.pay(), Reply::Unavailable(Unavailable::CannotWrite));
        }
        says_what_to_do(&self.site.home);
        assert_eq!(node.said().matches("the disk failed").count(), 1, "{}", node.said());
    }

    /// Asks for everything that was acknowledged, and pays on.
    pub(super) fn everything_is_there(&mut self) {
        for (order, receipt) in &self.acknowledged {
            let Reply::Recorded(found) = self.send(order) else { panic!("an order is gone") };
            assert_eq!((found.leaf, &found.entry), (receipt.leaf, &receipt.entry));
        }
        self.pay_times(2);
    }
}

/// Checks that whoever runs a node which cannot write is told so, and what to do in both languages.
fn says_what_to_do(home: &Home) {
    let status = home.run(&["node", "status", "--check", "--json"]);
    assert_eq!(status.code, Some(1), "{status:?}");
    assert!(status.out.contains("P0207"), "{status:?}");
    for (lang, words) in [("fr", "relancer le nœud"), ("en", "start the node again")] {
        let page = home.run(&["explain", "P0207", "--lang", lang]);
        let text = page.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(words), "{lang}: {page:?}");
    }
}
