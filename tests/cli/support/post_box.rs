//! A loopback server that takes messages and pings as Telegram, Slack, Discord and others do, keeps what came, and can
//! hang, refuse or answer garbage.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use kis_trade::domain::NoticeKind;
use serde_json::Value;

use crate::support::harness::World;

/// One request.
#[derive(Clone, Debug)]
pub struct Post {
    pub method: String,
    pub path: String,
    pub headers: String,
    pub body: String,
    /// How it was answered.
    pub manner: Manner,
}

/// What a server does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Answers as the service in question does.
    Takes,
    /// Never answers.
    Hangs,
    /// Answers with this status.
    Status(u16),
    /// Answers with something that is not HTTP.
    Garbage,
    /// Closes the connection.
    HangsUp,
    /// A page in HTML, with success.
    Page,
    /// Sends the client elsewhere.
    Redirects,
}

type Watch = Box<dyn Fn() + Send>;

struct Inside {
    posts: Vec<Post>,
    manner: Manner,
    watch: Option<Watch>,
    held: Vec<TcpStream>,
    elsewhere: String,
}

/// The server; it serves until the process ends.
pub struct PostBox {
    pub url: String,
    inside: Arc<Mutex<Inside>>,
}

impl PostBox {
    pub fn start() -> PostBox {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let inside = Inside {
            posts: Vec::new(),
            manner: Manner::Takes,
            watch: None,
            held: Vec::new(),
            elsewhere: String::new(),
        };
        let inside = Arc::new(Mutex::new(inside));
        let shared = Arc::clone(&inside);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = serve(stream, &shared);
            }
        });
        PostBox { url, inside }
    }

    fn inside(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn set(&self, manner: Manner) -> &PostBox {
        self.inside().manner = manner;
        self
    }

    /// Where a redirect points.
    pub fn point_to(&self, url: &str) {
        url.clone_into(&mut self.inside().elsewhere);
    }

    /// Looks at the world at the moment a request comes, before it is answered.
    pub fn watch(&self, watch: impl Fn() + Send + 'static) {
        self.inside().watch = Some(Box::new(watch));
    }

    /// Everything that came.
    pub fn posts(&self) -> Vec<Post> {
        self.inside().posts.clone()
    }

    /// The bodies that came, as JSON.
    pub fn bodies(&self) -> Vec<Value> {
        self.posts().iter().map(|post| serde_json::from_str(&post.body).expect("JSON")).collect()
    }

    /// One key of each body, as text.
    pub fn texts(&self, key: &str) -> Vec<String> {
        self.bodies().iter().map(|body| body[key].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// How many clients still wait on connections that hang.
    pub fn waiting(&self) -> usize {
        let is_waiting = |stream: &&TcpStream| {
            stream.set_nonblocking(true).unwrap();
            stream.peek(&mut [0]).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
        };
        self.inside().held.iter().filter(is_waiting).count()
    }

    /// Closes the connections that hang.
    pub fn let_go(&self) {
        self.inside().held.clear();
    }

    pub fn forget(&self) {
        self.inside().posts.clear();
    }
}

fn serve(mut stream: TcpStream, inside: &Mutex<Inside>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let (mut headers, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            // A client that was killed.
            return Ok(());
        }
        if line == "\r\n" {
            break;
        }
        if let Some(number) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = number.trim().parse().unwrap_or(0);
        }
        headers.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut inside = inside.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(watch) = &inside.watch {
        watch();
    }
    let is_telegram = path.contains("/bot");
    let (body, manner) = (String::from_utf8_lossy(&body).into_owned(), inside.manner);
    inside.posts.push(Post { method, path, headers, body, manner });
    let answer = |status: u16, body: &str| {
        format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
    };
    let text = match inside.manner {
        Manner::Takes if is_telegram => answer(200, r#"{"ok":true,"result":{"message_id":1}}"#),
        Manner::Takes => answer(200, "ok"),
        Manner::Status(status) => answer(status, "no"),
        Manner::Garbage => "\u{1}\u{2}garbage\r\n\r\n".to_owned(),
        Manner::Page => answer(200, "<html>please log in</html>"),
        Manner::Redirects => format!(
            "HTTP/1.1 307 x\r\nlocation: {}/stolen\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            inside.elsewhere
        ),
        Manner::HangsUp => return Ok(()),
        Manner::Hangs => {
            inside.held.push(stream);
            return Ok(());
        }
    };
    stream.write_all(text.as_bytes())
}

/// The setting that chooses every event, those too that nobody hears of by default.
pub fn every_event() -> String {
    let words: Vec<&str> = NoticeKind::ALL.iter().map(|kind| kind.word()).collect();
    format!("events = {words:?}")
}

/// A file that only its owner can read, beside the configuration.
pub fn put_secret(world: &World, name: &str, text: &str) {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::File::options();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(world.files.path(name)).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}
