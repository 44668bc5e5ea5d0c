//! What a server with TLS gets, and what it sends on to others.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::call;
use crate::support::wheels::{ANY, Wheels};

/// Serves a file through TLS, and sends on to another server with TLS, or to one without. What they are asked, and by
/// whom, is noted: certificate, wheel, notes.
const SERVERS: &str = r"
import http.server, ssl, sys, threading
certificate, wheel, notes = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate)
def server(name, targets):
    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *arguments): pass
        def do_GET(self):
            with open(notes, 'a') as file:
                print(name, self.path, 'password' if 'Authorization' in self.headers else 'nothing', file=file)
            target = targets.get(self.path.split('/')[1])
            content = b'' if target else open(wheel, 'rb').read()
            self.send_response(302 if target else 200)
            if target: self.send_header('Location', target + self.path)
            self.send_header('Content-Length', str(len(content)))
            self.end_headers()
            self.wfile.write(content)
    made = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    if name != 'plain': made.socket = context.wrap_socket(made.socket, server_side=True)
    threading.Thread(target=made.serve_forever).start()
    return f'{made.server_address[0]}:{made.server_port}'
plain, other = server('plain', {}), server('other', {})
print(server('first', {'down': f'http://{plain}', 'aside': f'https://{other}'}), flush=True)
";

/// A key, and a certificate for the loopback address that it has signed itself. Both are public.
const CERTIFICATE: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgaPPmjO7TKzqLBmwk
XJo5vHS0/f+kqIzmn53aAuNAXQmhRANCAATOQ9zQi4LLt/SSZ/U7RFKY3cfFUR/Q
iIJsDtJrK7LWf7Vxb6sr8J95k9jNauaTyemNCHGXoAKXdHqrvIAl4PLF
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBVjCB/aADAgECAgEBMAoGCCqGSM49BAMCMBgxFjAUBgNVBAMMDXZlbnZ3cmFw
IHRlc3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBgxFjAUBgNV
BAMMDXZlbnZ3cmFwIHRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATOQ9zQ
i4LLt/SSZ/U7RFKY3cfFUR/QiIJsDtJrK7LWf7Vxb6sr8J95k9jNauaTyemNCHGX
oAKXdHqrvIAl4PLFozYwNDAPBgNVHREECDAGhwR/AAABMAwGA1UdEwEB/wQCMAAw
EwYDVR0lBAwwCgYIKwYBBQUHAwEwCgYIKoZIzj0EAwIDSAAwRQIhAOIuGUTN4EAM
F4n2gafPC8zYuEhh1AS3YeAfdrI0BhYaAiBheMR7tYE/b26n1V0mw6mtyJjZ0lN2
bi/2iWgJnZ4c7A==
-----END CERTIFICATE-----
";

struct Servers(Child);

impl Drop for Servers {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn hash(python: &Path, file: &Path) -> String {
    let code = "import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], 'rb').read()).hexdigest())";
    let output = Command::new(python).args(["-c", code]).arg(file).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn a_password_stays_with_its_server_and_nothing_is_sent_on_without_encryption() {
    let Some(wheels) = Wheels::new("pip") else { return };
    wheels.add("alpha", "1.0", ANY, "", "");
    let file = "alpha-1.0-py3-none-any.whl";
    let wheel = wheels.sandbox.path("wheels").join(file);
    let sha256 = hash(&wheels.python, &wheel);
    let certificate = wheels.sandbox.write("certificate.pem", CERTIFICATE);
    let notes = wheels.sandbox.write("notes", "");
    let mut command = Command::new(&wheels.python);
    command.args(["-c", SERVERS]).args([&certificate, &wheel, &notes]).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut servers = Servers(command.spawn().unwrap());
    let mut host = String::new();
    BufReader::new(servers.0.stdout.take().unwrap()).read_line(&mut host).unwrap();
    let host = host.trim();
    let bundle = |directory: &str, settings: &str| {
        let pip = format!("[global]\nindex-url = https://me:s3cret@{host}/simple\n{settings}");
        wheels.sandbox.write("home/.config/pip/pip.conf", pip);
        wheels.sandbox.write(
            "home/pylock.toml",
            format!(
                "lock-version = \"1.0\"\n[[packages]]\nname = \"alpha\"\nversion = \"1.0\"\nwheels = [{{url = \
                 \"https://{host}/{directory}/{file}\", hashes = {{sha256 = \"{sha256}\"}}}}]\n"
            ),
        );
        fs::write(&notes, "").unwrap();
        let outcome = call(&wheels, &["bundle", "pylock.toml", "--no-pip", "-o", "b.tar"]);
        (outcome, fs::read_to_string(&notes).unwrap())
    };
    let trusted = format!("cert = {}\n", certificate.display());

    let (outcome, asked) = bundle("down", &trusted);
    outcome.fails("downgraded", "sends on to");
    assert_eq!(asked, format!("first /down/{file} password\n"));
    assert!(!wheels.sandbox.path("home/b.tar").exists());

    let (outcome, asked) = bundle("files", "");
    outcome.fails("a certificate that nobody has vouched for", "certificate");
    assert_eq!(asked, "");

    let (outcome, asked) = bundle("aside", &trusted);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert_eq!(asked, format!("first /aside/{file} password\nother /aside/{file} nothing\n"));
}
