//! A package index for one test: a small web server that a Python plays.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Serves the wheels of a directory: directory, `user:password` or nothing, the file whose first download by this program
/// is cut off. A wheel with a file `NAME.yanked` next to it is yanked.
const CODE: &str = r#"
import base64, hashlib, http.server, os, re, sys, urllib.parse
directory, user, cut = sys.argv[1:]
expected = 'Basic ' + base64.b64encode(user.encode()).decode()
seen = set()
def normal(name): return re.sub('[-_.]+', '-', name).lower()
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def log_message(self, *arguments): pass
    def send(self, status, body=b'', **headers):
        self.send_response(status)
        for name, value in headers.items(): self.send_header(name.replace('_', '-'), value)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_HEAD(self): self.send(405)
    def do_GET(self):
        if user and self.headers.get('Authorization') != expected:
            return self.send(401, WWW_Authenticate='Basic realm=x')
        kind, name = (urllib.parse.unquote(self.path).strip('/') + '/').split('/')[:2]
        if kind == 'simple':
            lines = []
            for file in sorted(os.listdir(directory)):
                if normal(file.split('-')[0]) != name or file.endswith('.yanked'): continue
                yanked = ' data-yanked="broken"' if os.path.exists(os.path.join(directory, file + '.yanked')) else ''
                with open(os.path.join(directory, file), 'rb') as wheel: digest = hashlib.sha256(wheel.read()).hexdigest()
                lines.append(f'<a href="/files/{urllib.parse.quote(file)}#sha256={digest}"{yanked}>{file}</a>')
            page = '<!DOCTYPE html><html><body>' + ''.join(lines) + '</body></html>'
            return self.send(200 if lines else 404, page.encode(), Content_Type='text/html')
        try: content = open(os.path.join(directory, name), 'rb').read()
        except OSError: return self.send(404)
        start = re.match(r'bytes=(\d+)-$', self.headers.get('Range', ''))
        if start:
            at = int(start[1])
            return self.send(206, content[at:], Content_Range=f'bytes {at}-{len(content) - 1}/{len(content)}')
        if name == cut and name not in seen and self.headers.get('User-Agent', '').startswith('venvwrap/'):
            seen.add(name)
            self.send_response(200)
            self.send_header('Content-Length', str(len(content)))
            self.end_headers()
            self.wfile.write(content[:len(content) // 2])
            self.wfile.flush()
            self.connection.close()
            return
        self.send(200, content)
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"#;

/// An index; it ends with the test.
pub(crate) struct Index {
    server: Child,
    /// Its host and port.
    pub(crate) host: String,
}

impl Index {
    /// Serves the wheels of a directory, to anybody unless there is a `user:password`. The first download of the file
    /// `cut` ends in the middle.
    pub(crate) fn serve(python: &Path, directory: &Path, user: &str, cut: &str) -> Self {
        let mut command = Command::new(python);
        command.args(["-c", CODE]).arg(directory).args([user, cut]).stdout(Stdio::piped()).stdin(Stdio::null());
        let mut server = command.spawn().unwrap();
        let mut port = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Self { server, host: format!("127.0.0.1:{}", port.trim()) }
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
