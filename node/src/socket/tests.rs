//! The desk's socket over real files: clients that behave, clients that do not, and long paths.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream as BlockingStream;

use super::*;

const PATIENCE: Duration = Duration::from_secs(30);

const BUSY: &[u8] = b"busy";

/// A running server; `requests` is the desk's end.
struct Desk {
    folder: tempfile::TempDir,
    path: PathBuf,
    requests: mpsc::Receiver<Request>,
    serving: tokio::task::JoinHandle<()>,
}

impl Desk {
    fn open(places: usize) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("desk");
        Self::open_at(folder, path, places)
    }

    fn open_at(folder: tempfile::TempDir, path: PathBuf, places: usize) -> Self {
        let server = Server::bind(&path).unwrap_or_else(|error| panic!("{error}"));
        let (sender, requests) = mpsc::channel(places);
        let serving = tokio::spawn(server.serve(sender, BUSY.to_vec()));
        Self { folder, path, requests, serving }
    }

    /// Answers every request with its own bytes reversed, until the test ends.
    fn echo(mut self) -> (tempfile::TempDir, PathBuf) {
        tokio::spawn(async move {
            while let Some(Request { mut frame, reply }) = self.requests.recv().await {
                frame.reverse();
                // The client may have gone; the next one is served all the same.
                let _ = reply.send(frame);
            }
        });
        (self.folder, self.path)
    }
}

/// Runs the blocking half of a test beside the server.
async fn blocking<T: Send + 'static>(task: impl FnOnce() -> T + Send + 'static) -> T {
    let task = tokio::task::spawn_blocking(task);
    timeout(PATIENCE, task).await.expect("the client ends in time").expect("the client ends well")
}

fn connect(path: &Path) -> Client {
    Client::connect(path, PATIENCE).unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test]
async fn requests_are_answered_one_after_another() {
    let (_folder, path) = Desk::open(4).echo();
    blocking(move || {
        let mut client = connect(&path);
        assert_eq!(client.ask(b"abc").expect("an answer"), b"cba");
        assert_eq!(client.ask(b"").expect("an answer"), b"");
        let mut longest = vec![0; usize::try_from(FRAME_BYTES_MAX).expect("fits in memory")];
        *longest.first_mut().expect("not empty") = 1;
        let answer = client.ask(&longest).expect("an answer");
        assert_eq!((answer.len(), answer.last()), (longest.len(), Some(&1)));
        longest.push(0);
        assert!(matches!(client.ask(&longest), Err(SocketError::TooLong)));
    })
    .await;
}

#[tokio::test]
async fn the_file_is_private_and_goes_with_the_server() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("made").join("desk");
    let desk = Desk::open_at(folder, path.clone(), 1);
    let mode = |path: &Path| {
        std::fs::symlink_metadata(path).expect("it is there").permissions().mode() & 0o777
    };
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(parent(&path).expect("it has a folder")), 0o700);
    drop(desk.requests);
    timeout(PATIENCE, desk.serving).await.expect("it stops").expect("it stops well");
    assert!(!path.exists());
}

#[tokio::test]
async fn a_stale_file_is_replaced_and_a_living_one_is_not() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("desk");
    // The standard library leaves the file behind, as a killed node does.
    drop(std::os::unix::net::UnixListener::bind(&path).expect("a socket"));
    assert!(path.exists());
    assert!(matches!(Client::connect(&path, PATIENCE), Err(SocketError::NotRunning { .. })));
    let desk = Desk::open_at(folder, path.clone(), 1);
    assert!(matches!(Server::bind(&path), Err(SocketError::Running { .. })));
    let (_folder, path) = desk.echo();
    blocking(move || assert_eq!(connect(&path).ask(b"ab").expect("an answer"), b"ba")).await;
}

#[tokio::test]
async fn what_is_no_socket_is_left_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("desk");
    std::fs::write(&path, b"diary").expect("a file");
    assert!(matches!(Server::bind(&path), Err(SocketError::NotASocket { .. })));
    assert_eq!(std::fs::read(&path).expect("the file"), b"diary");
    assert!(matches!(Server::bind(Path::new("/")), Err(SocketError::BadPath { .. })));
    let absent = folder.path().join("absent").join("desk");
    assert!(matches!(Client::connect(&absent, PATIENCE), Err(SocketError::NotRunning { .. })));
}

#[tokio::test]
async fn paths_longer_than_an_address_work_on_both_sides() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut deep = folder.path().to_path_buf();
    for _ in 0..4 {
        deep.push("a-home-with-a-very-long-name-as-some-machines-have-them");
    }
    let path = deep.join("desk");
    assert!(path.as_os_str().len() > PATH_BYTES_MAX);
    assert!(matches!(Client::connect(&path, PATIENCE), Err(SocketError::NotRunning { .. })));
    let desk = Desk::open_at(folder, path.clone(), 1);
    assert!(matches!(Server::bind(&path), Err(SocketError::Running { .. })));
    let (_folder, path) = desk.echo();
    blocking(move || assert_eq!(connect(&path).ask(b"ab").expect("an answer"), b"ba")).await;
    let long_name = deep.join("n".repeat(PATH_BYTES_MAX));
    assert!(matches!(Server::bind(&long_name), Err(SocketError::NameTooLong { .. })));
    assert!(matches!(Client::connect(&long_name, PATIENCE), Err(SocketError::NameTooLong { .. })));
}

#[tokio::test]
async fn garbage_ends_only_its_own_connection() {
    let (_folder, path) = Desk::open(4).echo();
    blocking(move || {
        let mut steady = connect(&path);
        let cut_then_closed: &[u8] = &[9, 0, 0, 0, b'x'];
        for garbage in [&[0xff; 64][..], b"GET / HTTP/1.1\r\n\r\n", cut_then_closed, &[1]] {
            let mut stream = BlockingStream::connect(&path).expect("the desk listens");
            stream.set_read_timeout(Some(PATIENCE)).expect("a timeout above zero");
            stream.write_all(garbage).expect("the socket takes it");
            stream.shutdown(std::net::Shutdown::Write).expect("the stream is open");
            let mut answer = Vec::new();
            // Closing with unread bytes shows as a reset: no answer either way.
            let _ = stream.read_to_end(&mut answer);
            assert!(answer.is_empty(), "{garbage:?} got {answer:?}");
            assert_eq!(steady.ask(b"ab").expect("an answer"), b"ba");
        }
    })
    .await;
}

#[tokio::test]
async fn a_full_desk_says_busy_and_serves_when_there_is_room_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("desk");
    let server = Server::bind(&path).expect("a free path");
    let (sender, mut requests) = mpsc::channel(1);
    let (reply, _answer) = oneshot::channel();
    sender.try_send(Request { frame: Vec::new(), reply }).expect("the one place is free");
    tokio::spawn(server.serve(sender, BUSY.to_vec()));
    let mut client = connect(&path);
    let mut client = blocking(move || {
        assert_eq!(client.ask(b"now?").expect("an answer"), BUSY);
        client
    })
    .await;
    requests.recv().await.expect("the request that took the place");
    tokio::spawn(async move {
        let Request { frame, reply } = requests.recv().await.expect("the second try");
        reply.send(frame).expect("the client waits");
    });
    blocking(move || assert_eq!(client.ask(b"and now?").expect("an answer"), b"and now?")).await;
}

#[tokio::test]
async fn one_connection_too_many_is_told_busy() {
    let (_folder, path) = Desk::open(4).echo();
    blocking(move || {
        let mut clients: Vec<Client> = (0..CONNECTIONS_MAX).map(|_| connect(&path)).collect();
        for client in &mut clients {
            // An answer proves that the connection has its place.
            assert_eq!(client.ask(b"ab").expect("an answer"), b"ba");
        }
        let mut extra = BlockingStream::connect(&path).expect("the desk listens");
        extra.set_read_timeout(Some(PATIENCE)).expect("a timeout above zero");
        let mut answer = Vec::new();
        extra.read_to_end(&mut answer).expect("a frame and the end");
        assert_eq!(answer, [&4_u32.to_le_bytes()[..], BUSY].concat());
    })
    .await;
}

#[tokio::test]
async fn a_client_loses_its_patience_or_sees_the_end() {
    let mut desk = Desk::open(4);
    let path = desk.path.clone();
    blocking(move || {
        let mut client =
            Client::connect(&path, Duration::from_millis(50)).expect("the desk listens");
        assert!(matches!(client.ask(b"well?"), Err(SocketError::Timeout)));
    })
    .await;
    let path = desk.path.clone();
    let asking = blocking(move || connect(&path).ask(b"well?"));
    let dropping = async {
        for _ in 0..2 {
            // Dropping the request closes its connection.
            drop(desk.requests.recv().await.expect("a request"));
        }
    };
    let (answer, ()) = tokio::join!(asking, dropping);
    assert!(matches!(answer, Err(SocketError::Closed)), "{answer:?}");
}
