//! Pushes over HTTP to a running server: time until a record is acknowledged durable, and until it is searchable.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::{Settings, records};

/// A running server.
pub struct Server {
    child: Child,
    address: String,
    token: String,
    pub ready_after: Duration,
}

impl Server {
    /// Starts a server on a data folder and waits until it is ready.
    pub fn start(settings: &Settings, data: &Path, begun: Instant) -> Self {
        let mut child = Command::new(&settings.program)
            .arg("--data")
            .arg(data)
            .args(["run", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut said = BufReader::new(child.stderr.take().expect("piped"));
        let mut line = String::new();
        while !line.contains(" ready ") {
            line.clear();
            assert!(said.read_line(&mut line).expect("text") > 0, "the server ended before it was ready");
        }
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        let note: serde_json::Value =
            serde_json::from_slice(&std::fs::read(data.join("server.json")).expect("a note")).expect("JSON");
        let text = |key: &str| note[key].as_str().expect("text").to_owned();
        let server =
            Self { child, address: text("address"), token: text("token"), ready_after: Duration::ZERO };
        let (status, _) = server.client().ask("GET", "/health/ready", b"");
        assert_eq!(status, 200);
        Self { ready_after: begun.elapsed(), ..server }
    }

    /// Asks the server to stop.
    pub fn stop(&mut self) {
        let process = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &process]).status().expect("kill");
        self.child.wait().expect("ended");
    }

    fn client(&self) -> Client {
        let stream = TcpStream::connect(&self.address).expect("connected");
        stream.set_nodelay(true).expect("no delay");
        Client { stream: BufReader::new(stream), token: self.token.clone() }
    }
}

/// A connection that is kept open.
struct Client {
    stream: BufReader<TcpStream>,
    token: String,
}

impl Client {
    fn ask(&mut self, method: &str, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.token,
            body.len()
        );
        let stream = self.stream.get_mut();
        stream.write_all(head.as_bytes()).expect("sent");
        stream.write_all(body).expect("sent");
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("a reply");
        let status = line.split_whitespace().nth(1).expect("a status").parse().expect("a number");
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line).expect("a header");
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).expect("a body");
        (status, body)
    }
}

/// Measures both promises.
pub fn measure(settings: &Settings, data: &Path) {
    let mut server = Server::start(settings, data, Instant::now());
    let acknowledged = at_rate(&server, settings.push_seconds, 200, 0);
    println!("push at 200/s, acknowledged durable: {}", percentiles(acknowledged));
    let searchable = searchable(&server, settings.push_seconds, 500);
    println!("push at 500/s, until searchable: {}", percentiles(searchable));
    server.stop();
}

/// Pushes single records at a rate from eight connections; gives the time of each until it was acknowledged.
fn at_rate(server: &Server, seconds: u64, rate: u64, first: u64) -> Vec<Duration> {
    let times = Mutex::new(Vec::new());
    let begun = Instant::now();
    let lanes = 8;
    std::thread::scope(|scope| {
        for lane in 0..lanes {
            let times = &times;
            scope.spawn(move || {
                let mut client = server.client();
                let mut line = String::new();
                for number in (lane..seconds * rate).step_by(lanes as usize) {
                    let due = begun + Duration::from_secs_f64(number as f64 / rate as f64);
                    std::thread::sleep(due.saturating_duration_since(Instant::now()));
                    line.clear();
                    records::one(10_000_000 + first + number, &mut line);
                    let (status, body) = client.ask("POST", "/api/v1/feedback", line.as_bytes());
                    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
                    times.lock().expect("times").push(due.elapsed());
                }
            });
        }
    });
    times.into_inner().expect("times")
}

/// Pushes at a rate, and asks for one word of a marked record every quarter of a second until it is found.
fn searchable(server: &Server, seconds: u64, rate: u64) -> Vec<Duration> {
    std::thread::scope(|scope| {
        scope.spawn(|| at_rate(server, seconds, rate, 1_000_000));
        let mut times = Vec::new();
        let mut client = server.client();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(seconds.saturating_sub(4)) {
            let marker = format!("marker{}x", times.len());
            let record = format!(
                "{{\"record\":\"{marker}\",\"statements\":[{{\"text\":\"look for {marker} here\"}}]}}"
            );
            let (status, _) = client.ask("POST", "/api/v1/feedback", record.as_bytes());
            assert_eq!(status, 200);
            let pushed = Instant::now();
            while !found(&mut client, &marker) {
                assert!(pushed.elapsed() < Duration::from_secs(30), "the record is not found");
                std::thread::sleep(Duration::from_millis(25));
            }
            times.push(pushed.elapsed());
        }
        times
    })
}

fn found(client: &mut Client, marker: &str) -> bool {
    let (status, body) = client.ask("GET", &format!("/api/v1/search?q={marker}&limit=1"), b"");
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    let answer: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
    answer["feedback"] != 0
}

fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    format!("p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms of {}", at(0.5), at(0.95), at(0.99), times.len())
}
