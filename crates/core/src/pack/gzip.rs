//! gzip on all processors: blocks are compressed side by side, each with the end of the one before it as dictionary, and
//! joined to one member that every reader understands. The bytes do not depend on the number of threads.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// How much one thread takes at a time.
const BLOCK: usize = 256 << 10;
/// How far back a match can reach.
const WINDOW: usize = 32 << 10;
/// More threads than this wait for the disk.
const MAX_THREADS: usize = 16;

/// Compresses what `write` writes.
pub(crate) fn compress<W: Write, T>(
    output: W,
    level: u32,
    write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
) -> io::Result<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
    let (jobs, queue) = channel();
    let queue = Mutex::new(queue);
    std::thread::scope(|scope| {
        let start = |_| std::thread::Builder::new().spawn_scoped(scope, || work(&queue, level)).ok();
        let running = (0..threads).map_while(start).count();
        let mut gzip = Gzip::new(output, (running > 0).then_some(jobs), running, level)?;
        let result = write(&mut gzip)?;
        gzip.finish()?;
        Ok(result)
    })
}

struct Job {
    data: Vec<u8>,
    dictionary: Vec<u8>,
    is_last: bool,
    reply: SyncSender<io::Result<Block>>,
}

/// A compressed block, and the checksum of what it was.
struct Block {
    data: Vec<u8>,
    crc: Crc,
}

struct Gzip<W> {
    output: W,
    jobs: Option<Sender<Job>>,
    pending: VecDeque<Receiver<io::Result<Block>>>,
    most_pending: usize,
    level: u32,
    block: Vec<u8>,
    dictionary: Vec<u8>,
    crc: Crc,
}

impl<W: Write> Gzip<W> {
    fn new(mut output: W, jobs: Option<Sender<Job>>, threads: usize, level: u32) -> io::Result<Self> {
        // No name, no time, an unknown system: nothing that differs between two runs.
        output.write_all(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])?;
        Ok(Self {
            output,
            jobs,
            pending: VecDeque::new(),
            most_pending: 2 * threads,
            level,
            block: Vec::with_capacity(BLOCK),
            dictionary: Vec::new(),
            crc: Crc::new(),
        })
    }

    fn send(&mut self, is_last: bool) -> io::Result<()> {
        let data = std::mem::replace(&mut self.block, Vec::with_capacity(BLOCK));
        let dictionary = data[data.len().saturating_sub(WINDOW)..].to_vec();
        let dictionary = std::mem::replace(&mut self.dictionary, dictionary);
        let (reply, answer) = sync_channel(1);
        let job = Job { data, dictionary, is_last, reply };
        match &self.jobs {
            Some(jobs) => jobs.send(job).map_err(|_| io::ErrorKind::BrokenPipe)?,
            None => run(self.level, &job),
        }
        self.pending.push_back(answer);
        while self.pending.len() > self.most_pending {
            self.take_one()?;
        }
        Ok(())
    }

    fn take_one(&mut self) -> io::Result<()> {
        let Some(answer) = self.pending.pop_front() else { return Ok(()) };
        let block = answer.recv().map_err(|_| io::ErrorKind::BrokenPipe)??;
        self.crc.combine(&block.crc);
        self.output.write_all(&block.data)
    }

    fn finish(mut self) -> io::Result<()> {
        self.send(true)?;
        while !self.pending.is_empty() {
            self.take_one()?;
        }
        self.output.write_all(&self.crc.sum().to_le_bytes())?;
        self.output.write_all(&self.crc.amount().to_le_bytes())?;
        self.output.flush()
    }
}

impl<W: Write> Write for Gzip<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if self.block.len() == BLOCK {
            self.send(false)?;
        }
        let length = data.len().min(BLOCK - self.block.len());
        self.block.extend_from_slice(&data[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn work(queue: &Mutex<Receiver<Job>>, level: u32) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        run(level, &job);
    }
}

fn run(level: u32, job: &Job) {
    let result = compressed(level, job);
    // Who does not wait any more has failed.
    let _ = job.reply.send(result);
}

fn compressed(level: u32, job: &Job) -> io::Result<Block> {
    // One that has worked before finds other matches: the bytes would depend on which thread gets which block.
    let mut compressor = Compress::new(Compression::new(level), false);
    if !job.dictionary.is_empty() {
        compressor.set_dictionary(&job.dictionary)?;
    }
    // The end of a block is an empty stored one, so that the next begins at a whole byte.
    let flush = if job.is_last { FlushCompress::Finish } else { FlushCompress::Sync };
    let mut data = Vec::with_capacity(job.data.len() / 2 + 1024);
    loop {
        let read = usize::try_from(compressor.total_in()).unwrap_or(usize::MAX);
        let status = compressor.compress_vec(&job.data[read..], &mut data, flush)?;
        let is_complete = match flush {
            FlushCompress::Finish => status == Status::StreamEnd,
            _ => data.len() < data.capacity(),
        };
        if is_complete {
            break;
        }
        data.reserve(data.capacity() / 2 + 1024);
    }
    let mut crc = Crc::new();
    crc.update(&job.data);
    Ok(Block { data, crc })
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::pack::testing::{Full, text};

    fn packed(content: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        compress(&mut packed, 4, |output| output.write_all(content)).unwrap();
        packed
    }

    #[test]
    fn one_member_holds_everything_and_two_runs_agree() {
        for content in [Vec::new(), b"x".to_vec(), vec![0; BLOCK], vec![7; BLOCK + 1], text(100_000)] {
            let packed = packed(&content);
            let mut unpacked = Vec::new();
            flate2::bufread::GzDecoder::new(packed.as_slice()).read_to_end(&mut unpacked).unwrap();
            assert!(unpacked == content, "{}", content.len());
            for _ in 0..3 {
                assert!(self::packed(&content) == packed, "{}", content.len());
            }
        }
    }

    #[test]
    fn a_failure_of_the_output_is_told() {
        let failed = compress(Full, 4, |output| output.write_all(&text(100_000)));
        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
